package mews;

import java.io.IOException;
import mews.cli.MewsCommand;
import mews.cli.Training;
import mews.server.ServerTraining;
import mews.server.Serving;

/// The one entry: the server or a client command.
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        String first = args.length == 0 ? "" : args[0];
        System.exit(
                switch (first) {
                    case "train-client" -> Training.run();
                    case "train-serve" -> ServerTraining.run();
                    default -> MewsCommand.run(Serving::run, args);
                });
    }
}
