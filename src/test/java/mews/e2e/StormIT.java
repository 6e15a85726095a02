package mews.e2e;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mews.base.Json;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls and queued requests while runners and the server are killed and revisions come and go. No
/// request that the queue took is lost or answered twice, a call fails only with what was killed
/// under it, and nothing is left on the host.
class StormIT {
    private static final Duration STORM =
            Boolean.getBoolean("mews.long") ? Duration.ofMinutes(10) : Duration.ofSeconds(60);

    private static final int SLOTS = 4;

    /// Of so many requests two are looked up in the history, which is slow.
    private static final int SAMPLE = 20;

    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(3);

    /// Younger ones may not have served yet, and a runner that dies before that is a failed start.
    private static final Duration OLD_ENOUGH = Duration.ofSeconds(2);

    /// A connection that was kept for the next call may break that much later.
    private static final Duration AFTERMATH = Duration.ofSeconds(5);

    private static final Set<String> LOST_RUNNER =
            Set.of(
                    "runner_disconnected",
                    "runner_incomplete_response",
                    "runner_connection_error",
                    "runner_connection_refused",
                    "runner_connection_timeout");

    private static final String APP =
            """
            import time

            import fal
            from pydantic import BaseModel


            class Input(BaseModel):
                n: int


            class Storm(fal.App):
                max_concurrency = 3
                max_multiplexing = 4
                keep_alive = 10

                @fal.endpoint("/")
                def answer(self, input: Input) -> dict:
                    time.sleep(0.01)
                    return {"n": input.n, "version": %d}
            """;

    private record Outage(Instant from, Instant to) {}

    @TempDir Path folder;
    private final long seed = Long.getLong("mews.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Outage> outages = new ArrayList<>();
    private final List<Instant> kills = new ArrayList<>();
    private final List<String> deeds = new CopyOnWriteArrayList<>();
    private volatile int version;

    @BeforeEach
    void onlyWhereRunnersAreApart() {
        Assumptions.assumeTrue(
                System.getProperty("user.name").equals("root"),
                "runners are found by their control groups, which only root's server has");
    }

    @Test
    void nothingIsLostAndNothingIsLeft() throws Exception {
        System.out.println("storm with seed " + seed + " (-Dmews.seed)");
        Path home = folder.resolve("home");
        Leftovers leftovers = new Leftovers(home);
        Served served = new Served(folder);
        deploy(served.shell).succeeded();
        deploy(served.shell).succeeded();
        List<String> revisions = revisions(served.shell);
        StormCallers callers = new StormCallers(home);
        try {
            callers.start();
            served = storm(served, leftovers, revisions);
            callers.stop();
            check(callers);
        } finally {
            callers.stop();
            served.close();
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(leftovers.find()).isEmpty());
    }

    /// @return the server that runs in the end
    private Served storm(Served first, Leftovers leftovers, List<String> revisions)
            throws Exception {
        Served served = first;
        Instant end = Instant.now().plus(STORM);
        Duration life = STORM.dividedBy(STORM.toMinutes() > 1 ? 8 : 3);
        Instant nextDeath = Instant.now().plus(life);
        CountDownLatch over = new CountDownLatch(1);
        Shell shell = first.shell;
        Thread owner = Thread.startVirtualThread(() -> change(shell, revisions, over));
        while (Instant.now().isBefore(end)) {
            killRunner(leftovers);
            if (Instant.now().isAfter(nextDeath)) {
                served = restart(served);
                nextDeath = Instant.now().plus(life);
            }
            assertThat(over.await(BETWEEN_KILLS.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
        }
        over.countDown();
        owner.join();
        return served;
    }

    /// What an owner does meanwhile; each may fail with the server.
    private void change(Shell shell, List<String> revisions, CountDownLatch over) {
        Random choice = new Random(seed);
        while (over.getCount() > 0) {
            switch (choice.nextInt(4)) {
                case 0, 1 -> deploy(shell);
                case 2 -> {
                    String old = revisions.get(choice.nextInt(revisions.size()));
                    log("set-rev " + old);
                    shell.mews("apps", "set-rev", "storm", old);
                }
                default -> {
                    log("rollout");
                    shell.mews("apps", "rollout", "storm");
                }
            }
        }
    }

    private void log(String deed) {
        deeds.add(Instant.now() + " " + deed);
    }

    private Shell.Ran deploy(Shell shell) {
        version++;
        log("deploy version " + version);
        Path app = Shell.write(folder.resolve("app/app.py"), APP.formatted(version));
        return shell.mews("deploy", app + "::Storm");
    }

    private static List<String> revisions(Shell shell) {
        List<String> revisions = new ArrayList<>();
        shell.mews("apps", "list-rev", "storm", "--json")
                .succeeded()
                .json()
                .path("revisions")
                .forEach(revision -> revisions.add(revision.path("revision").asString()));
        return revisions;
    }

    /// SIGKILL to one that is ready.
    private void killRunner(Leftovers leftovers) throws IOException {
        List<String> ready = new ArrayList<>();
        Instant young = Instant.now().minus(OLD_ENOUGH);
        try (Stream<Path> sockets = Files.list(leftovers.sockets().resolve("e"))) {
            for (Path socket : sockets.toList()) {
                if (readySince(socket).isBefore(young)) {
                    ready.add(socket.getFileName().toString());
                }
            }
        }
        if (!ready.isEmpty()) {
            String runner = ready.get(random.nextInt(ready.size()));
            List<Long> processes = Leftovers.processesOf(runner);
            kills.add(Instant.now());
            log("kill runner " + runner + " " + processes);
            processes.forEach(StormIT::kill);
        }
    }

    /// The server links the socket when the app listens.
    private static Instant readySince(Path socket) throws IOException {
        try {
            return ((FileTime) Files.getAttribute(socket, "unix:ctime", NOFOLLOW_LINKS))
                    .toInstant();
        } catch (NoSuchFileException e) {
            return Instant.MAX;
        }
    }

    /// SIGKILL to the server, whatever it does, and another one in its place.
    private Served restart(Served served) throws Exception {
        Path file = served.shell.serverFile();
        long pid = Json.MAPPER.readTree(Files.readString(file)).path("pid").asLong();
        Instant from = Instant.now();
        log("kill server " + pid);
        kill(pid);
        await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        Files.delete(file);
        served.close();
        Served next = new Served(folder);
        log("server is back");
        outages.add(new Outage(from, Instant.now().plus(AFTERMATH)));
        return next;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private void check(StormCallers callers) throws IOException {
        Map<Integer, String> accepted = callers.accepted();
        assertThat(accepted).as("seed %d", seed).hasSizeGreaterThan(100);
        assertThat(callers.answered()).as("seed %d", seed).isGreaterThan(100);
        for (Map.Entry<Integer, String> request : accepted.entrySet()) {
            await("request " + request.getValue() + ", seed " + seed)
                    .atMost(Duration.ofMinutes(5))
                    // Nearly all are complete; after a long storm there are tens of thousands.
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> callers.complete(request.getValue()));
            assertThat(callers.result(request.getValue()))
                    .as("request %s, seed %d", request.getValue(), seed)
                    .isEqualTo(request.getKey());
            if (request.getKey() % SAMPLE < 2) {
                assertThat(callers.count(request.getValue(), "completed"))
                        .as("request %s, seed %d", request.getValue(), seed)
                        .isLessThanOrEqualTo(1);
            }
        }
        List<StormCallers.Failed> unexplained =
                callers.failures().stream()
                        .filter(failed -> !duringAnOutage(failed))
                        .filter(failed -> !lostItsRunner(failed))
                        .toList();
        assertThat(unexplained).as("seed %d, %s", seed, story()).isEmpty();
        List<StormCallers.Failed> lost =
                callers.failures().stream()
                        .filter(StormIT::lostItsRunner)
                        .filter(failed -> !duringAnOutage(failed))
                        .toList();
        assertThat(lost)
                .as("seed %d, %s", seed, story())
                .hasSizeLessThanOrEqualTo(kills.size() * SLOTS);
        System.out.printf(
                "storm: %d calls answered, %d lost with their runner, %d queued, %d runners and %d servers killed, %d deploys%n",
                callers.answered(),
                lost.size(),
                accepted.size(),
                kills.size(),
                outages.size(),
                version);
    }

    private String story() {
        return String.join("\n", deeds);
    }

    /// Told by the answer, or by its end where it had begun.
    private static boolean lostItsRunner(StormCallers.Failed failed) {
        return LOST_RUNNER.contains(failed.error())
                || failed.status() == 0 && failed.text().contains("RST_STREAM: Internal error");
    }

    private boolean duringAnOutage(StormCallers.Failed failed) {
        return outages.stream()
                .anyMatch(outage ->
                        failed.from().isBefore(outage.to()) && failed.to().isAfter(outage.from()));
    }
}
