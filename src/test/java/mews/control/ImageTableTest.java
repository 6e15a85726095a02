package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.util.List;
import java.util.Map;
import mews.model.EnvironmentSpec;
import mews.model.Refusal;
import mews.wire.proto.EnvironmentDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTableTest {
    private static Map<String, Object> read(String json) throws InvalidProtocolBufferException {
        return ImageTable.read(struct(json));
    }

    private static Struct struct(String json) throws InvalidProtocolBufferException {
        Struct.Builder struct = Struct.newBuilder();
        JsonFormat.parser().merge(json, struct);
        return struct.build();
    }

    @Test
    void keepsWhatMattersToTheBuild() throws InvalidProtocolBufferException {
        Map<String, Object> image =
                read(
                        """
                        {"dockerfile_str": "FROM a", "build_args": {"A": "1"}, "registries": {},
                         "builder": null, "compression": "gzip", "force_compression": false,
                         "secrets": {"t": "$TOKEN"}, "docker_context_dir": "/home/me",
                         "docker_files_list": ["src"], "docker_ignore": ["x"],
                         "entrypoint": "run me", "cmd": ["a"], "use_isolate": false}
                        """);

        assertThat(image)
                .containsOnlyKeys(
                        "dockerfile_str",
                        "build_args",
                        "registries",
                        "secrets",
                        "docker_files_list",
                        "entrypoint",
                        "cmd",
                        "use_isolate")
                .containsEntry("secrets", Map.of("t", "$TOKEN"))
                .containsEntry("cmd", List.of("a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'image': 'a', 'dockerfile': 'b'} | unknown keys [dockerfile]; known are [build_args,",
                "{'image': 'a', 'dockerfile_str': 'b'} | either 'dockerfile_str' or 'image'",
                "{'cmd': 'a'} | either 'dockerfile_str' or 'image'",
                "{'image': ' '} | not empty for 'image'",
                "{'image': 3} | not empty for 'image'",
                "{'dockerfile_str': []} | not empty for 'dockerfile_str'",
                "{'image': 'a', 'build_args': {'A': '1'}} | 'build_args', which only a Dockerfile",
                "{'dockerfile_str': 'a', 'build_args': {'A': 1}} | texts in 'build_args', but 'A'",
                "{'dockerfile_str': 'a', 'build_args': ['A']} | a table for 'build_args'",
                "{'dockerfile_str': 'a', 'build_args': {'A B': ''}} | build argument 'A B'",
                "{'dockerfile_str': 'a', 'secrets': {'s': {}}} | texts in 'secrets', but 's'",
                "{'image': 'a', 'registries': {'r': 'x'}} | a table for 'registries.r'",
                "{'image': 'a', 'registries': {'r': {'username': 'u'}}} | registry 'r' without 'password'",
                "{'image': 'a', 'cmd': [1]} | list of texts for 'cmd'",
                "{'image': 'a', 'entrypoint': true} | list of texts for 'entrypoint'",
                "{'image': 'a', 'use_isolate': 'no'} | true or false for 'use_isolate'",
                "{'image': 'a', 'read_only': 1} | true or false for 'read_only'",
            })
    void namesTheKeyThatCannotBeMeant(String json, String reason) {
        assertThatThrownBy(() -> read(json.replace('\'', '"')))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("the environment's image ")
                .hasMessageContaining(reason);
    }

    @Test
    void whateverCarriesAnImageIsAContainer() throws InvalidProtocolBufferException {
        assertThat(spec("virtualenv", "{'image': {'image': 'a'}, 'python_version': '3.12'}").kind())
                .isEqualTo("container");
        assertThat(spec("container", "{'python_version': '3.12'}").kind()).isEqualTo("container");
        assertThat(spec("virtualenv", "{'image': null, 'python_version': '3.12'}").kind())
                .isEqualTo("virtualenv");
        assertThatThrownBy(() -> spec("conda", "{'packages': ['numpy']}"))
                .hasMessageContaining("'conda' is not offered")
                .hasMessageContaining("'requirements' of a 'virtualenv'");
    }

    @Test
    void anEnvironmentShowsNoSecret() throws InvalidProtocolBufferException {
        EnvironmentSpec spec =
                spec(
                        "container",
                        "{'python_version': '3.12', 'image': {'image': 'a', 'registries': {'r': {'username': 'u', 'password': 'between us'}}}}");

        assertThat(spec.toString()).contains("container").doesNotContain("between us");
    }

    private static EnvironmentSpec spec(String kind, String json)
            throws InvalidProtocolBufferException {
        return Environments.spec(
                List.of(
                        EnvironmentDefinition.newBuilder()
                                .setKind(kind)
                                .setConfiguration(struct(json.replace('\'', '"')))
                                .build()));
    }
}
