package mews.sandbox;

import java.util.ArrayList;
import java.util.List;

/// The packet filter around runners: the internet yes; this host, its neighbours, other runners and
/// private ranges no; name servers on their port only. Text for `nft -f`.
///
/// @param table name of the one table of this server
/// @param interfaces prefix of the host ends of this server's runners
/// @param subnet all addresses of runners
/// @param nameservers that runners may ask
/// @param relayPort where this server answers name queries itself; 0 = it does not
/// @param neighbours networks this host is directly connected to
/// @param reach what is allowed although it is private
/// @param refusal `reject with icmpx admin-prohibited`, or `drop` where the kernel cannot reject
record EgressRules(
        String table,
        String interfaces,
        String subnet,
        List<String> nameservers,
        int relayPort,
        List<String> neighbours,
        List<String> reach,
        String refusal) {
    /// Host ends of the runners of any server on this machine.
    static final String ANY_INTERFACE = "mw";

    /// Not on the internet; the egress proxy holds to the same. protocol: RFC 6890
    static final List<String> PRIVATE =
            List.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "224.0.0.0/3");

    private static final String QUERIES = "meta l4proto { tcp, udp } th dport ";

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("table inet " + table + " {");
        lines.addAll(set("private", join(PRIVATE, neighbours)));
        if (!reach.isEmpty()) {
            lines.addAll(set("reach", reach));
        }
        lines.addAll(chain("input", "type filter hook input priority -10; policy accept", input()));
        lines.addAll(
                chain(
                        "forward",
                        "type filter hook forward priority -10; policy accept",
                        List.of(
                                "iifname " + ours() + " jump outward",
                                "oifname " + ours() + " jump inward")));
        lines.addAll(chain("outward", "", outward()));
        lines.addAll(chain("inward", "", List.of("ct state established,related accept", refusal)));
        lines.addAll(
                chain(
                        "postrouting",
                        "type nat hook postrouting priority 100; policy accept",
                        List.of("ip saddr %s oifname != %s masquerade".formatted(subnet, ours()))));
        if (relayPort > 0) {
            lines.addAll(
                    chain(
                            "prerouting",
                            "type nat hook prerouting priority -100; policy accept",
                            List.of(
                                    "iifname %s fib daddr type local %s53 redirect to :%d"
                                            .formatted(ours(), QUERIES, relayPort))));
        }
        lines.add("}");
        return String.join("\n", lines) + "\n";
    }

    /// What reaches this host itself.
    private List<String> input() {
        List<String> rules = new ArrayList<>();
        rules.add("iifname != " + ours() + " accept");
        rules.add("ct state established,related accept");
        rules.addAll(allowed());
        if (relayPort > 0) {
            rules.add(QUERIES + relayPort + " accept");
        }
        rules.add(refusal);
        return rules;
    }

    /// What goes through this host to elsewhere.
    private List<String> outward() {
        List<String> rules = new ArrayList<>();
        rules.add("oifname \"%s*\" %s".formatted(ANY_INTERFACE, refusal));
        rules.add("ct state established,related accept");
        rules.add("meta nfproto ipv6 " + refusal);
        rules.addAll(allowed());
        rules.add("ip daddr @private " + refusal);
        rules.add("accept");
        return rules;
    }

    private List<String> allowed() {
        List<String> rules = new ArrayList<>();
        if (!nameservers.isEmpty()) {
            rules.add(
                    "ip daddr { %s } %s53 accept"
                            .formatted(String.join(", ", nameservers), QUERIES));
        }
        if (!reach.isEmpty()) {
            rules.add("ip daddr @reach accept");
        }
        return rules;
    }

    private String ours() {
        return "\"" + interfaces + "*\"";
    }

    private static List<String> set(String name, List<String> elements) {
        return List.of(
                "set " + name + " {",
                "type ipv4_addr; flags interval; auto-merge;",
                "elements = { " + String.join(", ", elements) + " }",
                "}");
    }

    private static List<String> chain(String name, String hook, List<String> rules) {
        List<String> lines = new ArrayList<>();
        lines.add("chain " + name + " {");
        if (!hook.isEmpty()) {
            lines.add(hook + ";");
        }
        lines.addAll(rules);
        lines.add("}");
        return lines;
    }

    private static List<String> join(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
