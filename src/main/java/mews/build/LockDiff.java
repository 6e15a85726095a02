package mews.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import mews.build.LockedEnvironment.Package;
import org.jspecify.annotations.Nullable;

/// What is different from one environment to another. Pure.
///
/// @param facts by name, such as `python`; only those that differ
public record LockDiff(
        Map<String, Fact> facts,
        List<Package> added,
        List<Package> removed,
        List<Changed> changed) {
    /// A package that both have, but not the same.
    public record Changed(Package from, Package to) {}

    /// Null where there is none.
    public record Fact(@Nullable String from, @Nullable String to) {}

    public static LockDiff of(LockedEnvironment from, LockedEnvironment to) {
        Map<String, Package> before = byName(from);
        Map<String, Package> after = byName(to);
        List<Package> added = new ArrayList<>();
        List<Changed> changed = new ArrayList<>();
        after.forEach((name, now) -> {
            Package earlier = before.get(name);
            if (earlier == null) {
                added.add(now);
            } else if (!earlier.sameAs(now)) {
                changed.add(new Changed(earlier, now));
            }
        });
        List<Package> removed =
                before.values().stream().filter(old -> !after.containsKey(old.name())).toList();
        return new LockDiff(facts(from, to), List.copyOf(added), removed, List.copyOf(changed));
    }

    private static Map<String, Fact> facts(LockedEnvironment from, LockedEnvironment to) {
        Map<String, Fact> facts = new TreeMap<>();
        put(facts, "python", from.python(), to.python());
        put(facts, "machine", from.machine().name(), to.machine().name());
        put(facts, "image", from.image(), to.image());
        return facts;
    }

    private static void put(
            Map<String, Fact> facts, String name, @Nullable String from, @Nullable String to) {
        if (!Objects.equals(from, to)) {
            facts.put(name, new Fact(from, to));
        }
    }

    private static Map<String, Package> byName(LockedEnvironment environment) {
        Map<String, Package> packages = new TreeMap<>();
        environment.packages().forEach(each -> packages.put(each.name(), each));
        return packages;
    }
}
