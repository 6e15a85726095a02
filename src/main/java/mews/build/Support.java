package mews.build;

import java.util.List;

/// What runners need beside the user's packages: to decode what they are handed, and to hand
/// results back. After the user's own on the path, so that a user's pins always win. protocol:
/// control 5.1, 5.2
final class Support {
    /// Wheels only, so that no stranger's build code runs for all accounts.
    static final List<String> REQUIREMENTS =
            List.of(
                    "cloudpickle==3.1.2",
                    "grpcio==1.85.1",
                    "isolate==0.26.12",
                    "platformdirs==4.14.5",
                    "protobuf==7.36.2",
                    "tblib==3.1.0",
                    "typing-extensions==4.16.0",
                    "--only-binary=:all:");

    /// Whose bench and key the support layer is made under; no nickname may look like it.
    static final String ACCOUNT = ".support";

    private Support() {}
}
