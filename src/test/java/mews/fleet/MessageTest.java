package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void readsPhases() {
        assertThat(Message.parse("{\"type\":\"phase\",\"name\":\"load\",\"t\":1700000000.5}"))
                .isEqualTo(new Message.Phase("load", Instant.parse("2023-11-14T22:13:20.500Z")));
    }

    @Test
    void readsAResultInline() {
        Message message =
                Message.parse(
                        "{\"type\":\"result\",\"method\":\"pickle\",\"definition\":\"aGk=\",\"raised\":true,\"traceback\":null}");

        assertThat(message).isInstanceOf(Message.Result.class);
        Message.Result result = (Message.Result) message;
        assertThat(result.definition()).isEqualTo("hi".getBytes());
        assertThat(result.raised()).isTrue();
        assertThat(result.traceback()).isNull();
    }

    @Test
    void readsAResultThatIsInAFile() {
        Message message = Message.parse("{\"type\":\"result\",\"method\":\"pickle\"}");

        assertThat(((Message.Result) message).definition()).isNull();
    }

    @Test
    void refusesWhatIsNotAMessage() {
        assertThatThrownBy(() -> Message.parse("hello"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Message.parse("[]")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Message.parse("{\"type\":\"dance\"}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> Message.parse("{\"type\":\"result\",\"definition\":\"not base64!\"}"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
