package mews.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import mews.testing.TestImage;
import mews.testing.TestImages;
import mews.testing.TestRegistry;

/// A registry of base images, and copies of projects changed to use it: what a person changes who
/// has a registry of their own.
final class LocalImages implements AutoCloseable {
    private final TestRegistry registry;
    private final TestRegistry mirror;

    LocalImages() throws IOException, InterruptedException {
        registry = TestRegistry.start();
        TestImage python = TestImages.python();
        registry.push("base/python:1", python);
        registry.push("base/node:1", TestImages.node());
        mirror = TestRegistry.open();
        mirror.push(
                "my-org/container-app:latest",
                python.with("Entrypoint", List.of("python3")).with("WorkingDir", "/etc"));
    }

    /// A stand-in for docker.io.
    String mirror() {
        return mirror.address();
    }

    /// What the row of an image needs to log in, by the variables that it reads.
    static Shell loggedIn(Shell shell) {
        return shell.with("BASE_USER", TestRegistry.USER)
                .with("BASE_PASSWORD", TestRegistry.PASSWORD);
    }

    String python() {
        return registry.address() + "/base/python:1";
    }

    /// @return the copy, below `target`
    Path adapted(Path project, Path target) {
        Path copy = target.resolve(project.getFileName());
        Shell.plain().run("mkdir", "-p", target.toString()).succeeded();
        Shell.plain().run("cp", "-a", project.toString(), copy.toString()).succeeded();
        try (Stream<Path> files = Files.walk(copy)) {
            files.filter(Files::isRegularFile).forEach(this::adapt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    private void adapt(Path file) {
        try {
            String name = String.valueOf(file.getFileName());
            String text =
                    Files.readString(file)
                            .replaceAll(
                                    "(python_version ?= ?)\"3.12\"",
                                    "$1\"" + TestImages.pythonMinor() + "\"")
                            .replace("python:3.12-slim", python())
                            .replace("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime", python())
                            .replace("node:22-slim", registry.address() + "/base/node:1")
                            .replace("PACKAGES = \"figlet\"", "PACKAGES = \"\"");
            Files.writeString(
                    file, name.equals("pyproject.toml") ? loggedIn(text) : loggedInClass(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String loggedIn(String project) {
        String app = project.replaceFirst("(?s)\\A\\[tool\\.fal\\.apps\\.([\\w-]+)].*", "$1");
        return !project.contains("image") || project.contains("index.docker.io")
                ? project
                : project.replaceAll(
                                "(?m)^image = \\{(.*)}$", "[tool.fal.apps." + app + ".image]\n$1")
                        + """

                        [tool.fal.apps.%s.image.registries."%s"]
                        username = "%s"
                        password = "$REGISTRY_PASSWORD"
                        """
                                .formatted(app, registry.address(), TestRegistry.USER);
    }

    private String loggedInClass(String code) {
        return code.replace("REGISTRY\"", registry.address() + "\"")
                .replace("USERNAME", TestRegistry.USER)
                .replace(
                        "build_args={",
                        "registries={'%s': {'username': '%s', 'password': '$REGISTRY_PASSWORD'}}, build_args={"
                                .formatted(registry.address(), TestRegistry.USER));
    }

    @Override
    public void close() throws IOException {
        registry.close();
        mirror.close();
    }
}
