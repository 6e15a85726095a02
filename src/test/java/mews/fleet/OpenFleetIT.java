package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The same apps on a host without namespaces.
class OpenFleetIT {
    private static FleetFixture host;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture(new OpenSandbox());
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
        assertThat(host.leftovers()).isEmpty();
    }

    @Test
    void twoAppsOfTheSdkRunSideBySide() {
        UUID one = host.start(Wish.app("Hello"));
        UUID two = host.start(Wish.app("Hello"));

        for (UUID id : List.of(one, two)) {
            RunnerView runner = host.ready(id);
            assertThat(host.call(runner, "/", Map.of("name", "Ada")).path("hello").asString())
                    .isEqualTo("Ada");
            assertThat(runner.isolation()).isEqualTo("no isolation");
        }
    }

    @Test
    void stopsAnAppGracefully() {
        UUID id = host.start(Wish.app("Hello"));
        host.ready(id);

        host.fleet.drain(id, StopReason.of(Code.IDLE));

        assertThat(host.end(id)).isEqualTo(StopReason.of(Code.IDLE));
        assertThat(host.logs.messages()).contains("tearing down");
    }

    @Test
    void anOwnServerOnABusyPortIsToldWhoHoldsIt() throws IOException {
        try (ServerSocket holder = new ServerSocket(8000, 1, InetAddress.getByName("0.0.0.0"))) {
            StopReason reason = host.end(host.start(Wish.function("own_server").port(8000)));

            assertThat(holder.isBound()).isTrue();
            assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
            assertThat(reason.detail())
                    .contains("port 8000 is held by process " + ProcessHandle.current().pid());
        }
    }
}
