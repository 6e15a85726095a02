package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mews.model.Callable;
import mews.model.ContainerSettings;
import mews.model.Image;
import mews.testing.ImageFolder;
import mews.testing.TestImage;
import mews.testing.TestImages;
import org.jspecify.annotations.Nullable;

/// Container images in a fixture's state folder, as a builder would leave them.
record TestContainers(FleetFixture host) {
    static final String MINOR = TestImages.pythonMinor();

    /// How an image is to be run; a test changes what matters to it.
    static final class Settings {
        private final Map<String, String> environment = new HashMap<>();
        private List<String> entrypoint = List.of("/usr/bin/node");
        private List<String> command = List.of("/srv/server.js");
        private String user = "";
        private String workdir = "/srv";
        private boolean readOnly;

        Settings env(String name, String value) {
            environment.put(name, value);
            return this;
        }

        Settings entrypoint(String... line) {
            entrypoint = List.of(line);
            return this;
        }

        Settings command(String... line) {
            command = List.of(line);
            return this;
        }

        Settings user(String whom) {
            user = whom;
            return this;
        }

        Settings readOnly() {
            readOnly = true;
            return this;
        }

        Settings workdir(String folder) {
            workdir = folder;
            return this;
        }
    }

    /// Unpacks the three base images once.
    static TestContainers in(FleetFixture host) throws IOException {
        TestContainers containers = new TestContainers(host);
        containers.base("node", TestImages.node(), "server.js");
        containers.base("python", TestImages.python(), "inside.py");
        containers.base("shell", TestImages.shell(), "server.js");
        return containers;
    }

    Image node(Settings settings) throws IOException {
        return image("node", settings, null);
    }

    Image shell(Settings settings) throws IOException {
        return image("shell", settings, null);
    }

    Image python(Settings settings) throws IOException {
        return image("python", settings.env("PYTHONPATH", "/srv"), "/usr/bin/python3");
    }

    Path files(String base) {
        return host.home.images().resolve("base-" + base).resolve("rootfs");
    }

    static Wish own(Image image) {
        return new Wish(new Callable.OwnProcess()).image(image);
    }

    private Image image(String base, Settings settings, @Nullable String python)
            throws IOException {
        Path folder = Files.createTempDirectory(host.home.images(), base);
        Files.createSymbolicLink(folder.resolve("rootfs"), files(base));
        ImageFolder.settings(
                folder,
                new ContainerSettings(
                        "sha256:0",
                        settings.environment,
                        settings.entrypoint,
                        settings.command,
                        settings.user,
                        settings.workdir,
                        python,
                        settings.readOnly));
        return new Image("key", MINOR, List.of(), folder.getFileName().toString());
    }

    private void base(String name, TestImage image, String program) throws IOException {
        Path files = ImageFolder.unpack(image, host.home.images().resolve("base-" + name));
        Path srv = Files.createDirectories(files.resolve("srv"));
        Files.copy(Path.of("src/test/resources/fleet/images", program), srv.resolve(program));
        Files.writeString(
                files.resolve("etc/group"), "root:x:0:\napp:x:1000:\nwheel:x:27:someone,app\n");
    }
}
