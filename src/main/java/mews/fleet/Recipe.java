package mews.fleet;

import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import mews.model.Addresses;
import mews.model.Callable;
import mews.model.DataMounts;
import mews.model.Image;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// How the process of one kind of app is put together. All else about a runner, from its states to
/// its logs, is the same for every kind.
interface Recipe {
    int MOST_PROCESSES = 4096;

    /// @throws Refusal if something that the app needs is missing here, before anything was made
    static Recipe of(Ground ground, Runner runner, RunnerSource source) throws IOException {
        Image image = runner.order().revision().image();
        Callable callable = runner.order().revision().spec().callable();
        if (image.root() == null) {
            return HostRecipe.of(ground, runner, source);
        }
        String obstacle = ground.sandbox().noRoots();
        if (!obstacle.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    "container images cannot run on this server: " + obstacle);
        }
        ContainerImage container = ContainerImage.of(ground.environments(), image.root());
        return callable instanceof Callable.OwnProcess
                ? OwnProcessRecipe.of(ground, runner, source, container)
                : ImageRecipe.of(ground, runner, source, container);
    }

    /// Makes the folders that its process is shown.
    void layOut(Workplace place) throws IOException;

    /// The process whose end is the runner's end.
    ///
    /// @param variables of the app, secrets among them
    SandboxSpec process(Workplace place, Map<String, String> variables);

    /// The process that speaks for it on the control socket, where it does not do so itself; it is
    /// started in the same network.
    default @Nullable SandboxSpec beside(Workplace place) {
        return null;
    }

    StartMessage message(Workplace place, Map<String, String> variables);

    static String name(Runner runner) {
        return "r-" + runner.id().toString().substring(24);
    }

    static DataMounts mounts(Runner runner) {
        return runner.order().revision().spec().mounts();
    }

    static SandboxSpec.Limits limits(MachineType machine) {
        return new SandboxSpec.Limits(machine.memoryBytes(), machine.milliCpus(), MOST_PROCESSES);
    }

    /// Names of this server that lead to the runner's own loopback, where the door listens.
    static Map<String, String> hosts(Addresses addresses) {
        Map<String, String> hosts = new HashMap<>();
        for (String authority : RunnerVariables.authorities(addresses)) {
            String host = URI.create("http://" + authority).getHost();
            if (host != null && !host.matches("[\\d.]+|\\[.*")) {
                hosts.put(host, "127.0.0.1");
            }
        }
        return hosts;
    }
}
