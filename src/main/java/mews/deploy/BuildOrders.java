package mews.deploy;

import java.util.List;
import mews.build.EnvironmentBuilder;
import mews.model.AppFile;
import mews.model.AppName;
import mews.model.MachineCatalog;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.RevisionSpec;

/// What a revision asks of the builder.
record BuildOrders(MachineCatalog machines) {
    EnvironmentBuilder.Order of(AppName app, RevisionSpec spec, boolean force) {
        boolean container = spec.environment().kind().equals("container");
        List<AppFile> context = container ? spec.files() : List.of();
        MachineKind kind =
                machines.find(spec.machineTypes().getFirst())
                        .map(MachineType::kind)
                        .orElse(MachineKind.CPU);
        return new EnvironmentBuilder.Order(
                app.owner(),
                app.environment(),
                app.alias(),
                spec.environment(),
                kind,
                context,
                force);
    }
}
