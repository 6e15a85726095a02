package mews;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Holds the plan of the house that ARCHITECTURE.md draws.
class ArchitectureTest {
    private record Room(String name, List<String> uses) {
        String inside() {
            return "mews." + name + "..";
        }

        String[] reach() {
            return Stream.concat(Stream.of(name), uses.stream())
                    .map(room -> "mews." + room + "..")
                    .toArray(String[]::new);
        }
    }

    private static Room room(String name, String... uses) {
        return new Room(name, List.of(uses));
    }

    /// From the ground up: each room and the rooms it may use.
    private static final List<Room> PLAN =
            List.of(
                    room("model"),
                    room("base"),
                    room("wire", "model"),
                    room("sql", "model", "base"),
                    room("pki", "base"),
                    room("host", "model", "base"),
                    room("sandbox", "model", "base", "host"),
                    room("scale", "model"),
                    room("place", "model"),
                    room("logs", "model", "base", "sql"),
                    room("history", "model", "base", "sql"),
                    room("storage", "model", "base", "sql"),
                    room("account", "model", "base", "sql"),
                    room(
                            "fleet", "model", "base", "sql", "wire", "host", "sandbox", "logs",
                            "history", "storage", "account"),
                    room("queue", "model", "base", "sql", "history", "account"),
                    room(
                            "build", "model", "base", "sql", "host", "sandbox", "logs", "storage",
                            "account"),
                    room("deploy", "model", "base", "sql", "logs", "storage", "account", "build"),
                    room(
                            "dispatch",
                            "model",
                            "base",
                            "wire",
                            "logs",
                            "history",
                            "account",
                            "fleet",
                            "queue",
                            "deploy"),
                    room(
                            "reconcile",
                            "model",
                            "base",
                            "scale",
                            "place",
                            "history",
                            "fleet",
                            "queue",
                            "deploy",
                            "dispatch"),
                    room(
                            "control",
                            "model",
                            "base",
                            "scale",
                            "wire",
                            "logs",
                            "history",
                            "storage",
                            "account",
                            "fleet",
                            "queue",
                            "build",
                            "deploy",
                            "dispatch"),
                    room(
                            "gateway",
                            "model",
                            "base",
                            "wire",
                            "logs",
                            "history",
                            "storage",
                            "account",
                            "queue",
                            "deploy",
                            "dispatch"),
                    room("project", "model", "base", "wire", "host"),
                    room("cli", "model", "base", "wire", "host", "pki", "project"));

    /// Use all, are used by none.
    private static final Set<String> ROOF = Set.of("server");

    private static final JavaClasses HOUSE =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPath(Path.of("target/classes/mews"));

    @TestFactory
    Stream<DynamicTest> eachRoomKeepsToItsPlan() {
        return PLAN.stream()
                .map(room ->
                        dynamicTest(
                                room.name(),
                                () ->
                                        classes()
                                                .that()
                                                .resideInAPackage(room.inside())
                                                .should()
                                                .onlyDependOnClassesThat(
                                                        not(resideInAPackage("mews.."))
                                                                .or(
                                                                        resideInAnyPackage(
                                                                                room.reach())))
                                                .allowEmptyShould(true)
                                                .check(HOUSE)));
    }

    @Test
    void noRoomUsesOneThatComesAfterIt() {
        Set<String> below = new HashSet<>();
        for (Room room : PLAN) {
            assertThat(below).as("rooms below %s", room.name()).containsAll(room.uses());
            below.add(room.name());
        }
    }

    @Test
    void everyRoomIsOnThePlanAndNullMarked() throws IOException {
        Set<String> planned = PLAN.stream().map(Room::name).collect(Collectors.toSet());
        planned.addAll(ROOF);
        try (Stream<Path> folders = Files.list(Path.of("src/main/java/mews"))) {
            List<Path> rooms = folders.filter(Files::isDirectory).toList();
            assertThat(rooms.stream().map(room -> room.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(planned);
            for (Path room : rooms) {
                assertThat(packages(room))
                        .allSatisfy(inside ->
                                assertThat(inside.resolve("package-info.java"))
                                        .content()
                                        .contains("@NullMarked"));
            }
        }
    }

    /// The folder of a room and those in it that hold code of ours; generated code has none here.
    private static List<Path> packages(Path room) throws IOException {
        try (Stream<Path> inside = Files.walk(room)) {
            return inside.filter(Files::isDirectory).toList();
        }
    }

    @Test
    void managedEnvironmentsKnowNothingOfContainerImages() {
        noClasses()
                .that()
                .resideInAPackage("mews.build")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("mews.build.image..")
                .check(HOUSE);
    }

    @Test
    void decidersTouchNothing() {
        noClasses()
                .that()
                .resideInAnyPackage("mews.model..", "mews.scale..", "mews.place..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..", "java.net.http..", "java.nio.file..", "org.slf4j..")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(HOUSE);
    }

    @Test
    void onlyBaseReadsTheEnvironment() {
        noClasses()
                .that()
                .resideOutsideOfPackage("mews.base..")
                .and()
                .resideInAPackage("mews..")
                .should()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getenv")
                .check(HOUSE);
    }
}
