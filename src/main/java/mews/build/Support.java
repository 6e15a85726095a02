package mews.build;

import java.util.List;

/// What runners need beside the user's packages: to decode what they are handed, and to hand
/// results back. After the user's own on the path, so that a user's pins always win. protocol:
/// control 5.1, 5.2
public final class Support {
    /// Wheels only, so that no stranger's build code runs for all accounts. Older Pythons get the
    /// last release that has a wheel for them.
    static final List<String> REQUIREMENTS =
            List.of(
                    "cloudpickle==3.1.2",
                    "isolate==0.26.12",
                    "grpcio==1.85.1 ; python_version >= '3.10'",
                    "grpcio==1.80.1 ; python_version == '3.9'",
                    "grpcio==1.70.0 ; python_version == '3.8'",
                    "platformdirs==4.14.5 ; python_version >= '3.11'",
                    "platformdirs==4.12.4 ; python_version == '3.10'",
                    "platformdirs==4.4.0 ; python_version == '3.9'",
                    "platformdirs==4.3.6 ; python_version == '3.8'",
                    "protobuf==7.36.2 ; python_version >= '3.10'",
                    "protobuf==6.33.6 ; python_version == '3.9'",
                    "protobuf==5.29.6 ; python_version == '3.8'",
                    "tblib==3.1.0 ; python_version >= '3.9'",
                    "tblib==3.0.0 ; python_version == '3.8'",
                    "typing-extensions==4.16.0 ; python_version >= '3.9'",
                    "typing-extensions==4.13.2 ; python_version == '3.8'",
                    "--only-binary=:all:");

    /// Whose bench and key the support layer is made under; no nickname may look like it.
    static final String ACCOUNT = ".support";

    private Support() {}
}
