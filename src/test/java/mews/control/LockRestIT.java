package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import mews.account.Keys;
import mews.base.Json;
import mews.build.CacheSource;
import mews.deploy.Deployer;
import mews.model.AppName;
import mews.model.DeploymentStrategy;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Locks, differences and the cache, as their owners ask for them.
@Timeout(60)
class LockRestIT {
    private static final String ACCOUNT = ControlFixture.ACCOUNT;
    private static final String LOCK = "/v1/mews/apps/%s/hello/lock".formatted(ACCOUNT);

    private final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theLockOfWhatServesAndOfAnOlderRevision() throws Exception {
        UUID old = deploy("hello", "six==1.15.0");
        UUID now = deploy("hello", "six==1.16.0");

        JsonNode lock = json(fixture.rest("GET", LOCK, ""));
        assertThat(lock.path("revision").asString()).isEqualTo(now.toString());
        assertThat(lock.path("python").asString()).isEqualTo("3.12");
        assertThat(lock.path("machine").asString()).isEqualTo("cpu");
        assertThat(lock.path("image").isNull()).isTrue();
        assertThat(lock.path("packages").path(0).path("version").asString()).isEqualTo("1.16.0");

        // The beginning of ids of one second is the same; the end of a prefix is not.
        JsonNode older =
                json(
                        fixture.rest(
                                "GET",
                                LOCK
                                        + "?revision="
                                        + old.toString()
                                                .toUpperCase(java.util.Locale.ROOT)
                                                .substring(0, 34),
                                ""));
        assertThat(older.path("revision").asString()).isEqualTo(old.toString());
        assertThat(older.path("packages").path(0).path("version").asString()).isEqualTo("1.15.0");
    }

    @Test
    void whatIsUnknownOrNotOneThingIsToldSo() throws Exception {
        UUID one = deploy("hello", "six==1.15.0");
        deploy("hello", "six==1.16.0");

        assertProblem(
                fixture.rest("GET", LOCK.replace("hello", "nobody"), ""),
                404,
                "'nobody' not found");
        assertProblem(
                fixture.rest("GET", LOCK + "?revision=ffffffff", ""),
                404,
                "revision 'ffffffff' of app 'hello' not found");
        assertProblem(fixture.rest("GET", LOCK + "?revision=xyz", ""), 400, "is no revision id");
        assertProblem(
                fixture.rest("GET", LOCK + "?revision=" + one.toString().substring(0, 4), ""),
                400,
                "the beginning of several revisions of app 'hello'");
        assertProblem(
                fixture.rest("GET", LOCK.replace("/" + ACCOUNT + "/", "/somebody/"), ""),
                404,
                "not found");
    }

    @Test
    void whatChangedBetweenTwoRevisions() throws Exception {
        UUID from = deploy("hello", "six==1.15.0", "idna==3.6", "flask==3.0");
        UUID to = deploy("hello", "six==1.16.0", "idna==3.6", "attrs==24.1");

        JsonNode diff =
                json(fixture.rest("GET", "/v1/mews/revisions/%s/diff/%s".formatted(from, to), ""));

        assertThat(diff.path("added"))
                .singleElement()
                .satisfies(each -> assertThat(each.path("name").asString()).isEqualTo("attrs"));
        assertThat(diff.path("removed"))
                .singleElement()
                .satisfies(each -> assertThat(each.path("name").asString()).isEqualTo("flask"));
        assertThat(diff.path("changed"))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.path("from").path("version").asString()).isEqualTo("1.15.0");
                    assertThat(each.path("to").path("version").asString()).isEqualTo("1.16.0");
                });
        assertThat(diff.path("facts").isEmpty()).isTrue();
    }

    @Test
    void theCacheIsListedWithItsUsersAndPruned() throws Exception {
        deploy("hello", "six==1.15.0");
        String needed =
                fixture.deployment
                        .routes()
                        .find(new AppName(ACCOUNT, "hello"))
                        .revision()
                        .image()
                        .layers()
                        .getFirst();
        fixture.shelf.things.add(entry(needed, ACCOUNT));
        fixture.shelf.things.add(entry("unneeded", "grace"));

        JsonNode cache = json(fixture.rest("GET", "/v1/mews/cache", ""));
        assertThat(cache.path("bytes").asLong()).isEqualTo(2000);
        JsonNode dry =
                json(
                        fixture.rest(
                                "POST",
                                "/v1/mews/cache/prune",
                                "{\"all\": true, \"dry_run\": true}"));
        assertThat(dry.path("freed_bytes").asLong()).isEqualTo(1000);
        assertThat(fixture.shelf.things).hasSize(2);

        JsonNode pruned = json(fixture.rest("POST", "/v1/mews/cache/prune", "{\"all\": true}"));

        assertThat(pruned.path("removed").path(0).path("key").asString()).isEqualTo("unneeded");
        assertThat(fixture.shelf.things)
                .singleElement()
                .satisfies(each -> assertThat(each.key()).isEqualTo(needed));
        JsonNode left = json(fixture.rest("GET", "/v1/mews/cache", "")).path("entries").path(0);
        assertThat(left.path("used_by").toString()).contains("app hello");
        assertProblem(
                fixture.rest("POST", "/v1/mews/cache/prune", "{\"all\": 1}"),
                400,
                "'all' must be true or false");
    }

    @Test
    void anotherAccountSeesItsOwnPartAndPrunesNothing() {
        fixture.shelf.things.add(entry("theirs", "grace"));
        fixture.shelf.things.add(entry("ours", ACCOUNT));
        Keys.NewKey key = fixture.otherAccount("grace");

        HttpResponse<String> seen = as(key, "GET", "/v1/mews/cache");
        assertThat(json(seen).path("entries"))
                .singleElement()
                .satisfies(each -> assertThat(each.path("key").asString()).isEqualTo("theirs"));
        assertProblem(
                as(key, "POST", "/v1/mews/cache/prune"), 403, "only a key of account 'local'");
    }

    private HttpResponse<String> as(Keys.NewKey key, String method, String path) {
        return fixture.send(
                HttpRequest.newBuilder(fixture.uri(path))
                        .method(method, HttpRequest.BodyPublishers.ofString("{}"))
                        .header("Authorization", "Key " + key.text()));
    }

    private UUID deploy(String app, String... pins) throws InterruptedException {
        var spec =
                Specs.app(
                        Specs.environment(pins),
                        ScalePolicy.DEFAULT,
                        Timeouts.DEFAULT,
                        java.util.List.of("S"),
                        "");
        return fixture.deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(
                                new AppName(ACCOUNT, app),
                                spec,
                                null,
                                DeploymentStrategy.RECREATE,
                                false,
                                false),
                        line -> {})
                .id();
    }

    private static CacheSource.Entry entry(String key, String account) {
        return new CacheSource.Entry(
                "layer", key, account, 1000, "six==1.15.0", Instant.EPOCH, Set.of());
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.MAPPER.readTree(response.body());
    }

    private static void assertProblem(HttpResponse<String> response, int status, String text) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(text);
    }
}
