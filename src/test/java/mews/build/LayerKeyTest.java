package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mews.host.Interpreter;
import mews.model.MachineKind;
import org.junit.jupiter.api.Test;

class LayerKeyTest {
    private static final Interpreter PYTHON =
            new Interpreter(
                    Path.of("/p"), "3.11.7", "3.11", Path.of("/"), "cpython-311-linux-x86_64");

    @Test
    void aRotatedTokenIsTheSameContent() {
        assertThat(key("git+https://OLD@h.example/r.git"))
                .isEqualTo(key("git+https://NEW@h.example/r.git"));
        assertThat(key("https://h.example/a-1-py3-none-any.whl?Signature=1"))
                .isEqualTo(key("https://h.example/a-1-py3-none-any.whl?Signature=2"));
    }

    @Test
    void anUploadIsKnownByItsContentAndNotByItsUrl() {
        Uploaded uploaded =
                url ->
                        url.startsWith("http://files/")
                                ? Optional.of(new Uploaded.File("cafe", Path.of("/f"), "a.tar.gz"))
                                : Optional.empty();
        assertThat(key("a @ http://files/1/a.tar.gz", uploaded))
                .isEqualTo(key("a @ http://files/2/a.tar.gz", uploaded))
                .isNotEqualTo(key("a @ http://other/1/a.tar.gz", uploaded));
    }

    @Test
    void accountsMachineKindsAndParentsKeepLayersApart() {
        RequirementLayer layer = RequirementLayer.parse(List.of("six"));
        Uploaded none = url -> Optional.empty();
        assertThat(
                        List.of(
                                LayerKey.of("a", "", PYTHON, MachineKind.CPU, layer, none),
                                LayerKey.of("b", "", PYTHON, MachineKind.CPU, layer, none),
                                LayerKey.of("a", "x", PYTHON, MachineKind.CPU, layer, none),
                                LayerKey.of("a", "", PYTHON, MachineKind.GPU, layer, none)))
                .doesNotHaveDuplicates();
    }

    private static String key(String requirement) {
        return key(requirement, url -> Optional.empty());
    }

    private static String key(String requirement, Uploaded uploaded) {
        RequirementLayer layer = RequirementLayer.parse(List.of(requirement));
        return LayerKey.of("a", "", PYTHON, MachineKind.CPU, layer, uploaded);
    }
}
