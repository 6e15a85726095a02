package mews.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mews.base.Env;
import mews.base.Home;

/// Docker Engine's programs without the daemon that may run on this host: a daemon of ours is
/// started for one command, with a store of its own, and ends with it. So accounts share nothing,
/// nobody else's `docker system prune` reaches what is kept, and the daemon's steps are in whatever
/// network namespace it was started in. Needs root.
public final class OwnDocker {
    static final String NAME = "docker";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// One at a time for each store: its databases belong to one daemon.
    private static final String SHELL =
            """
            stopped=
            docker=$1 store=$2 run=$3 settings=$4 names=$5
            shift 5
            mkdir -p "$store" "$run" || exit 125
            exec 9>"$store.lock"
            flock 9
            rm -rf "$run"/*
            if [ -n "$names" ]; then mount --bind "$names" /etc/resolv.conf || exit 125; fi
            export DOCKER_HOST="unix://$run/s" DOCKER_BUILDKIT=1
            client=
            trap 'stopped=1; [ -z "$client" ] || kill $client' TERM
            dockerd --data-root "$store" --exec-root "$run/x" --pidfile "$run/pid" --host "$DOCKER_HOST" \\
                --config-file "$settings" --storage-driver overlay2 --bridge none --iptables=false \\
                --ip6tables=false --ip-forward=false --ip-masq=false >"$run/log" 2>&1 </dev/null 9>&- &
            daemon=$!
            tries=0
            until "$docker" version >/dev/null 2>&1; do
                tries=$((tries + 1))
                if [ -n "$stopped" ]; then kill $daemon; wait $daemon; exit 143; fi
                if [ $tries -gt 600 ] || ! kill -0 $daemon 2>/dev/null; then
                    tail -n 3 "$run/log"
                    exit 125
                fi
                sleep 0.05
            done
            "$@" 9>&- &
            client=$!
            wait $client
            code=$?
            kill -0 $client 2>/dev/null && wait $client
            kill $daemon
            wait $daemon
            exit $code
            """;

    private static final String TRIAL =
            """
            docker=$1 folder=$2
            shift 2
            "$docker" build --quiet --tag mews-trial --secret "id=it,src=$folder/daemon.json" \\
                --file "$folder/Dockerfile" "$folder" >/dev/null || exit
            "$docker" run --rm --network host "$@"
            """;

    private OwnDocker() {}

    /// The `docker` commands on the path, first come first. Those that lack what builds with
    /// secrets need do not work for us, while another may.
    static List<Path> clients() {
        return Arrays.stream(Env.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":"))
                .map(folder -> Path.of(folder).resolve(NAME))
                .filter(Files::isExecutable)
                .distinct()
                .toList();
    }

    /// Builds an image of nothing, with a secret as BuildKit alone takes it, and runs a program of
    /// this host in it.
    static Command.Result attempt(String client, Home home) {
        return Trial.of(
                home,
                (folder, run) -> {
                    Path file = folder.resolve("Dockerfile");
                    Files.writeString(file, "FROM scratch\nCOPY Dockerfile /\n");
                    Path settings = Files.writeString(folder.resolve("daemon.json"), "{}");
                    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", TRIAL, "sh"));
                    command.addAll(List.of(client, folder.toString()));
                    command.addAll(Trial.volumes());
                    command.addAll(List.of("mews-trial", "/usr/bin/true"));
                    Path store = folder.resolve("store");
                    return Command.run(PATIENCE, line(client, store, run, settings, "", command));
                });
    }

    /// Words that run a command beside a daemon of its own, which it finds by its environment. Exit
    /// code 125 with the daemon's last words: the daemon did not start.
    ///
    /// @param store of images, kept
    /// @param run for sockets, at most 50 characters; what is in there is deleted
    /// @param settings the daemon's configuration. protocol: dockerd's daemon.json
    /// @param names in place of `/etc/resolv.conf`; empty: this host's own
    public static List<String> line(
            String client,
            Path store,
            Path run,
            Path settings,
            String names,
            List<String> command) {
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "mews-docker", client));
        words.addAll(List.of(store.toString(), run.toString(), settings.toString(), names));
        words.addAll(command);
        return Enclosure.line(words);
    }
}
