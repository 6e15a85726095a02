package mews.fleet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import mews.base.Ids;
import mews.model.AppFile;
import mews.model.Callable;
import mews.model.HealthCheck;
import mews.model.Image;
import mews.model.MachineType;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.Timeouts;
import mews.testing.Pythons;
import mews.testing.Specs;
import org.jspecify.annotations.Nullable;

/// Asked for one app; a test changes what matters to it.
final class Wish {
    private Callable callable;
    private @Nullable Integer port = 8080;
    private MachineType machine = FleetFixture.BIG;
    private Duration startup = FleetFixture.PATIENCE;
    private Duration grace = Duration.ofSeconds(5);
    private @Nullable HealthCheck health;
    private @Nullable JobListener job;
    private List<AppFile> files = List.of();
    private List<String> mounts = List.of();
    private boolean snapshot;
    private Image image = new Image("key", Pythons.MINOR, List.of("app", "sdk"));

    Wish(Callable callable) {
        this.callable = callable;
    }

    static Wish app(String symbol) {
        return new Wish(new Callable.EntryPoint("itapp:" + symbol + ".run_local"));
    }

    static Wish function(String name) {
        byte[] pickle = "citapp\n%s\n.".formatted(name).getBytes(StandardCharsets.UTF_8);
        return new Wish(new Callable.Pickled("pickle", pickle, null)).port(null);
    }

    Wish port(@Nullable Integer exposed) {
        port = exposed;
        return this;
    }

    Wish machine(MachineType type) {
        machine = type;
        return this;
    }

    Wish startup(Duration longest) {
        startup = longest;
        return this;
    }

    Wish grace(Duration longest) {
        grace = longest;
        return this;
    }

    Wish mounts(String... these) {
        mounts = List.of(these);
        return this;
    }

    Wish snapshot() {
        snapshot = true;
        return this;
    }

    Wish health(HealthCheck check) {
        health = check;
        return this;
    }

    Wish job(JobListener listener) {
        job = listener;
        return this;
    }

    Wish image(Image other) {
        image = other;
        return this;
    }

    Wish files(AppFile... these) {
        files = List.of(these);
        return this;
    }

    MachineType machine() {
        return machine;
    }

    Duration startup() {
        return startup;
    }

    @Nullable JobListener job() {
        return job;
    }

    Revision revision(InstantSource clock) {
        RevisionSpec base = Specs.app();
        RevisionSpec spec =
                new RevisionSpec(
                        base.environment(),
                        callable,
                        base.machineTypes(),
                        0,
                        List.of(),
                        port,
                        null,
                        health,
                        base.scale(),
                        new Timeouts(Duration.ofSeconds(60), startup, grace, null),
                        List.of(),
                        Map.of(),
                        null,
                        mounts,
                        files,
                        false,
                        Map.of(),
                        null,
                        snapshot);
        return new Revision(Ids.next(clock), FleetFixture.APP, spec, image, clock.instant());
    }
}
