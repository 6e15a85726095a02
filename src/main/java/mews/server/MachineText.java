package mews.server;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.MachineKind;
import mews.model.MachineType;

/// Machine types as `mews.toml` writes them: `cpu:2,4GB`, with accelerators `gpu:1,cpu:8,64GB`.
final class MachineText {
    private static final Pattern CPU = Pattern.compile("cpu:(\\d{1,4}(?:\\.\\d{1,3})?)");
    private static final Pattern GPU = Pattern.compile("gpu:(\\d{1,2})");
    private static final Pattern MEMORY =
            Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)\\s*(MB|GB|TB|MiB|GiB|TiB)");
    private static final Map<String, Long> UNITS =
            Map.of(
                    "MB",
                    1_000_000L,
                    "GB",
                    1_000_000_000L,
                    "TB",
                    1_000_000_000_000L,
                    "MiB",
                    1L << 20,
                    "GiB",
                    1L << 30,
                    "TiB",
                    1L << 40);

    private MachineText() {}

    /// @return empty if it is malformed, names something twice, or lacks processors or memory
    static Optional<MachineType> parse(String name, String text) {
        int milliCpus = 0;
        int gpus = 0;
        long memory = 0;
        boolean gpusGiven = false;
        for (String part : text.split(",", -1)) {
            Matcher cpu = CPU.matcher(part.strip());
            Matcher gpu = GPU.matcher(part.strip());
            Matcher bytes = MEMORY.matcher(part.strip());
            if (cpu.matches() && milliCpus == 0) {
                milliCpus = times(cpu.group(1), 1000).intValue();
            } else if (gpu.matches() && !gpusGiven) {
                gpus = Integer.parseInt(gpu.group(1));
                gpusGiven = true;
            } else if (bytes.matches() && memory == 0) {
                memory = times(bytes.group(1), UNITS.getOrDefault(bytes.group(2), 1L)).longValue();
            } else {
                return Optional.empty();
            }
        }
        if (milliCpus == 0 || memory == 0) {
            return Optional.empty();
        }
        MachineKind kind = gpus > 0 ? MachineKind.GPU : MachineKind.CPU;
        return Optional.of(new MachineType(name, kind, milliCpus, memory, gpus));
    }

    private static BigDecimal times(String number, long unit) {
        return new BigDecimal(number).multiply(BigDecimal.valueOf(unit));
    }
}
