package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlMaskTest {
    @ParameterizedTest
    @CsvSource({
        "git+https://TOKEN@h.example/o/r.git@v1, git+https://****@h.example/o/r.git@v1, git+https://h.example/o/r.git@v1",
        "--extra-index-url https://u:p@h.example/simple, --extra-index-url https://****@h.example/simple, --extra-index-url https://h.example/simple",
        "https://h.example/a-1.whl?Signature=abc&Expires=1, https://h.example/a-1.whl?****, https://h.example/a-1.whl",
        "https://h.example/a-1.zip?x=1#egg=a, https://h.example/a-1.zip?****#egg=a, https://h.example/a-1.zip#egg=a",
        "six==1.16.0, six==1.16.0, six==1.16.0"
    })
    void hidesCredentialsAndSignatures(String text, String forPeople, String forKey) {
        assertThat(UrlMask.forPeople(text)).isEqualTo(forPeople);
        assertThat(UrlMask.forKey(text)).isEqualTo(forKey);
    }
}
