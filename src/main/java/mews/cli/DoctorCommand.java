package mews.cli;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import mews.base.Home;
import mews.host.Doctor;
import mews.host.Interpreters;
import mews.host.Probe;
import mews.host.Uv;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command
final class DoctorCommand implements Callable<Integer> {
    /// Without these no app runs at all.
    private static final Set<String> NEEDED = Set.of("jdk", "python", "uv", "disk");

    @Mixin OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Interpreters interpreters = Interpreters.ofHost();
        List<Probe> probes;
        try (Progress progress = new Progress(Terminal.ofProcess())) {
            progress.step("examining this machine");
            probes = new Doctor(Home.ofEnvironment(), interpreters, new Uv(interpreters)).examine();
        }
        output.print(probes, text(probes));
        return probes.stream().anyMatch(probe -> !probe.ok() && NEEDED.contains(probe.name()))
                ? Failure.FAILED
                : 0;
    }

    private static String text(List<Probe> probes) {
        StringBuilder text = new StringBuilder();
        for (Probe probe : probes) {
            text.append(
                    "%-4s%-12s %s%n"
                            .formatted(probe.ok() ? "ok" : "no", probe.name(), probe.detail()));
            if (!probe.ok()) {
                text.append(" ".repeat(17)).append("→ ").append(probe.remedy()).append('\n');
            }
        }
        return text.toString().stripTrailing();
    }
}
