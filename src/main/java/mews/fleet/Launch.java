package mews.fleet;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import mews.model.Addresses;
import mews.model.DataMounts;
import mews.model.Image;
import mews.model.Revision;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;

/// What the sandbox is told for the processes of one environment of one account.
///
/// @param mounts what they are shown of the account's `/data`
record Launch(Ground ground, RunnerSource source, Image image, String account, DataMounts mounts) {
    static Launch of(Ground ground, RunnerSource source, Revision revision) {
        return new Launch(
                ground, source, revision.image(), revision.app().owner(), revision.spec().mounts());
    }

    /// A runner, whether started or forked.
    SandboxSpec runner(UUID id, Workplace place, Limits limits) {
        return spec("r-", id, List.of(), place, limits);
    }

    /// The parent of such runners.
    SandboxSpec parent(UUID id, Workplace place) {
        return spec("p-", id, List.of("parent"), place, Limits.NONE);
    }

    Path interpreter() {
        return ground.environments().interpreter(image);
    }

    Path support() {
        return HostRecipe.support(ground, image);
    }

    private SandboxSpec spec(
            String prefix, UUID id, List<String> arguments, Workplace place, Limits limits) {
        Stream<SandboxSpec.Bind> readOnly =
                Stream.concat(
                        Stream.concat(
                                        ground.environments().visible(image).stream(),
                                        Stream.of(source.folder()))
                                .map(SandboxSpec.Bind::readOnly),
                        Roots.bind(ground));
        Stream<String> command =
                Stream.of(interpreter().toString(), "-B", source.main().toString());
        Addresses addresses = ground.addresses().get();
        Map<String, String> environment =
                RunnerVariables.process(place, ground.environments().bin(image));
        if (ground.sandbox().separateNetwork()) {
            environment.put(
                    "NO_PROXY", RunnerVariables.doorHosts(RunnerVariables.authorities(addresses)));
        }
        return new SandboxSpec(
                prefix + id.toString().substring(24),
                Stream.concat(command, arguments.stream()).toList(),
                environment,
                place.insideHome(),
                Stream.concat(place.binds(mounts).stream(), readOnly).toList(),
                Network.EGRESS,
                limits,
                account,
                Recipe.hosts(addresses),
                SandboxSpec.Reach.NOTHING_MORE);
    }
}
