package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import mews.sandbox.Reachable.Block;
import mews.sandbox.Targets.Denied;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
    private static final Set<InetSocketAddress> OWN =
            Set.of(
                    new InetSocketAddress("127.0.0.1", 8787),
                    new InetSocketAddress("10.9.9.9", 5432));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:80",
                "127.9.9.9:80",
                "0.0.0.0:80",
                "10.1.2.3:80",
                "100.64.0.1:80",
                "169.254.169.254:80",
                "172.31.255.255:80",
                "192.168.0.1:80",
                "198.18.0.1:80",
                "224.0.0.1:80",
                "255.255.255.255:80",
                "[::]:80",
                "[::1]:80",
                "[::ffff:127.0.0.1]:80",
                "[::ffff:10.0.0.1]:80",
                "[::ffff:169.254.169.254]:80",
                "[64:ff9b::7f00:1]:80",
                "[2002:7f00:1::]:80",
                "[2001::1]:80",
                "[fe80::1]:80",
                "[fc00::1]:80",
                "[fd12::1]:80",
                "[ff02::1]:80",
                "2130706433:80",
                "0:80",
                "localhost:80"
            })
    void whatIsNotOnTheInternetIsRefused(String text) throws Exception {
        Target target = Target.parse(text, 0).orElseThrow();

        assertThatThrownBy(() -> targets(Set.of()).addresses(target))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(target.toString())
                .hasMessageContaining("sandbox.allow_networks in mews.toml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8:53", "[2606:4700::1111]:443", "100.128.0.1:1", "172.32.0.1:1"})
    void theInternetIsGranted(String text) throws Exception {
        assertThat(targets(Set.of()).addresses(Target.parse(text, 0).orElseThrow())).hasSize(1);
    }

    @Test
    void namedTargetsAreGrantedWithTheirPortOnly() throws Exception {
        Targets targets = targets(Set.of("LOCALHOST:3141", "10.0.0.7:80"));

        assertThat(targets.addresses(new Target("localhost", 3141))).isNotEmpty();
        assertThat(targets.addresses(new Target("10.0.0.7", 80))).isNotEmpty();
        assertDenied(targets, new Target("localhost", 3142));
        assertDenied(targets, new Target("10.0.0.7", 81));
    }

    @Test
    void noNameLeadsToThisServerItsDatabaseOrALinkLocalAddress() {
        Targets targets =
                targets(
                        Set.of(
                                "localhost:8787",
                                "127.3.3.3:8787",
                                "[::1]:8787",
                                "10.9.9.9:5432",
                                "169.254.169.254:80",
                                "[fe80::1]:80"));

        for (String host : List.of("localhost", "127.3.3.3", "::1")) {
            assertDenied(targets, new Target(host, 8787));
        }
        assertDenied(targets, new Target("10.9.9.9", 5432));
        assertDenied(targets, new Target("169.254.169.254", 80));
        assertDenied(targets, new Target("fe80::1", 80));
    }

    @Test
    void allowedNetworksAreGrantedButForThisServer() throws Exception {
        Targets targets =
                new Targets(
                        Stream.of("127.0.0.0/8", "10.1.0.0/16").map(Block::parse).toList(),
                        OWN,
                        Set.of(),
                        Targets.Resolver.OF_HOST);

        assertThat(targets.addresses(new Target("10.1.2.3", 80))).isNotEmpty();
        assertThat(targets.addresses(new Target("127.0.0.1", 80))).isNotEmpty();
        assertDenied(targets, new Target("10.2.2.3", 80));
        assertDenied(targets, new Target("127.0.0.1", 8787));
    }

    @Test
    void ofSeveralAddressesOnlyTheGrantedAreUsedAndTheNameIsAskedOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Targets targets =
                new Targets(
                        List.of(),
                        OWN,
                        Set.of(),
                        host -> {
                            asked.incrementAndGet();
                            return List.of(
                                    InetAddress.ofLiteral("127.0.0.1"),
                                    InetAddress.ofLiteral("8.8.4.4"));
                        });

        assertThat(targets.addresses(new Target("rebinding.example", 80)))
                .containsExactly(InetAddress.ofLiteral("8.8.4.4"));
        assertThat(asked).hasValue(1);
    }

    @Test
    void onlyNamesAreLeftToAnOuterProxy() {
        Targets targets = targets(Set.of());

        assertThat(targets.mayBeAskedOutside(new Target("pypi.org", 443))).isTrue();
        assertThat(targets.mayBeAskedOutside(new Target("cafe.be", 443))).isTrue();
        for (String odd : List.of("intranet", "10.0.0.999", "0x7f.0x1", "fe80::1%eth0")) {
            assertThat(targets.mayBeAskedOutside(new Target(odd, 443))).as(odd).isFalse();
        }
    }

    @Test
    void unknownNamesAreUnknown() {
        Targets targets =
                new Targets(
                        List.of(),
                        OWN,
                        Set.of(),
                        host -> {
                            throw new UnknownHostException(host);
                        });

        assertThatThrownBy(() -> targets.addresses(new Target("nobody.example", 80)))
                .isInstanceOf(UnknownHostException.class);
    }

    private static void assertDenied(Targets targets, Target target) {
        assertThatThrownBy(() -> targets.addresses(target))
                .as(target.toString())
                .isInstanceOf(Denied.class);
    }

    private static Targets targets(Set<String> named) {
        return new Targets(List.of(), OWN, named, Targets.Resolver.OF_HOST);
    }
}
