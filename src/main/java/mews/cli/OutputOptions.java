package mews.cli;

import mews.base.Json;
import picocli.CommandLine.Option;

/// `--json` and fal's `--output`, for results that programs read too.
final class OutputOptions {
    enum Form {
        PRETTY,
        JSON
    }

    @Option(names = "--json", description = "Print JSON; the same as --output json.")
    boolean json;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            description = "pretty or json (default: pretty).")
    Form form = Form.PRETTY;

    boolean wantsJson() {
        return json || form == Form.JSON;
    }

    void print(Object result, Object pretty) {
        Terminal.ofProcess()
                .result(
                        wantsJson()
                                ? Json.MAPPER
                                        .writerWithDefaultPrettyPrinter()
                                        .writeValueAsString(result)
                                : pretty.toString());
    }
}
