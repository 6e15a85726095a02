package mews.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Python packages that nobody published: one module of the package's name, which knows its version
/// and where it came from. Source packages build themselves, without anything from an index.
public final class MadeUp {
    public static final String ANYWHERE = "py3-none-any";

    private static final String BACKEND =
            """
            import io, os, zipfile
            NAME, VERSION = %s, %s
            INFO = "%%s-%%s.dist-info" %% (NAME, VERSION)
            META = "Metadata-Version: 2.1\\nName: %%s\\nVersion: %%s\\n" %% (NAME, VERSION)
            WHEEL = "Wheel-Version: 1.0\\nGenerator: made-up\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
            def build_wheel(folder, config_settings=None, metadata_directory=None):
                name = "%%s-%%s-py3-none-any.whl" %% (NAME, VERSION)
                with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
                    archive.write(NAME + ".py")
                    archive.writestr(INFO + "/METADATA", META)
                    archive.writestr(INFO + "/WHEEL", WHEEL)
                    archive.writestr(INFO + "/RECORD", "")
                return name
            """;

    private MadeUp() {}

    /// File name of a wheel for any platform.
    public static String wheelName(String name, String version) {
        return wheelName(name, version, ANYWHERE);
    }

    public static String wheelName(String name, String version, String tag) {
        return "%s-%s-%s.whl".formatted(name, version, tag);
    }

    /// @param origin what the module says as `origin`
    /// @param requires what it depends on
    public static byte[] wheel(
            String name, String version, String tag, String origin, List<String> requires) {
        StringBuilder metadata =
                new StringBuilder(
                        "Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(name, version));
        for (String each : requires) {
            int extra = each.indexOf(" [");
            if (extra > 0) {
                String called = each.substring(extra + 2, each.length() - 1);
                metadata.append("Provides-Extra: %s\n".formatted(called));
                metadata.append(
                        "Requires-Dist: %s ; extra == '%s'\n"
                                .formatted(each.substring(0, extra), called));
            } else {
                metadata.append("Requires-Dist: %s\n".formatted(each));
            }
        }
        String info = "%s-%s.dist-info/".formatted(name, version);
        Map<String, String> members = new LinkedHashMap<>();
        members.put(name + ".py", module(version, origin));
        members.put(info + "METADATA", metadata.toString());
        members.put(
                info + "WHEEL",
                "Wheel-Version: 1.0\nGenerator: made-up\nRoot-Is-Purelib: true\nTag: %s\n"
                        .formatted(tag));
        members.put(
                info + "RECORD",
                "%s.py,,\n%sMETADATA,,\n%sWHEEL,,\n%sRECORD,,\n".formatted(name, info, info, info));
        return zip(members);
    }

    /// @param folder below the archive's top, with `/` at its end, that the project is in; may be
    ///   empty
    public static byte[] sdist(String name, String version, String origin, String folder) {
        String top = "%s-%s/".formatted(name, version) + folder;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (Map.Entry<String, String> member : project(name, version, origin).entrySet()) {
                byte[] content = member.getValue().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(top + member.getKey());
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// Files of a project that builds itself.
    public static Map<String, String> project(String name, String version, String origin) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put(
                "PKG-INFO",
                "Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(name, version));
        members.put(
                "pyproject.toml",
                """
                [project]
                name = "%s"
                version = "%s"

                [build-system]
                requires = []
                build-backend = "itself"
                backend-path = ["."]
                """
                        .formatted(name, version));
        members.put("itself.py", BACKEND.formatted("'" + name + "'", "'" + version + "'"));
        members.put(name + ".py", module(version, origin));
        return members;
    }

    private static String module(String version, String origin) {
        return "__version__ = '%s'\norigin = '%s'\n".formatted(version, origin);
    }

    private static byte[] zip(Map<String, String> members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream all = bytes;
                ZipOutputStream zip = new ZipOutputStream(all)) {
            for (Map.Entry<String, String> member : members.entrySet()) {
                zip.putNextEntry(new ZipEntry(member.getKey()));
                zip.write(member.getValue().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
