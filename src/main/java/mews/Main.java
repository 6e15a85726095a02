package mews;

import java.io.IOException;
import mews.cli.MewsCommand;
import mews.cli.Training;
import mews.model.Refusal;

/// The one entry: the server or a client command.
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        String first = args.length == 0 ? "" : args[0];
        System.exit(
                switch (first) {
                    case "train-client" -> Training.run();
                    default -> MewsCommand.run(Main::serve, args);
                });
    }

    private static int serve(boolean whileUsed) {
        throw new Refusal(Refusal.Kind.UNSUPPORTED, "this build holds no server");
    }
}
