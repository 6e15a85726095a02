package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EgressRulesTest {
    @Test
    void whatIsAllowedStandsBeforeWhatIsRefused() {
        var text = rules(List.of("10.9.0.0/16"), List.of("10.0.0.53"), 0).text();

        assertThat(text.indexOf("ip daddr @reach accept"))
                .isPositive()
                .isLessThan(text.indexOf("ip daddr @private drop"));
        assertThat(text)
                .contains("ip daddr { 10.0.0.53 } meta l4proto { tcp, udp } th dport 53 accept")
                .contains("169.254.0.0/16")
                .contains("192.0.2.0/24")
                .doesNotContain("redirect");
    }

    @Test
    void withALocalNameServerQueriesGoToTheRelay() {
        var text = rules(List.of(), List.of(), 5353).text();

        assertThat(text).contains("redirect to :5353").contains("th dport 5353 accept");
        assertThat(text).doesNotContain("@reach").doesNotContain("ip daddr {  }");
    }

    private static EgressRules rules(List<String> reach, List<String> nameservers, int relay) {
        return new EgressRules(
                "mews_1a2b3c4d",
                "mw1a2bx",
                "100.70.0.0/16",
                nameservers,
                relay,
                List.of("192.0.2.0/24"),
                reach,
                "drop");
    }
}
