package mews.build;

import java.util.Optional;

/// Finds out what is behind a failure of uv, by trying for itself what uv says too little about.
final class Diagnosis {
    private final Installer installer;
    private final ConfidentialArchives archives;
    private final Recipe recipe;

    Diagnosis(Installer installer, ConfidentialArchives archives, Recipe recipe) {
        this.installer = installer;
        this.archives = archives;
        this.recipe = recipe;
    }

    /// @return the same failure, explained and masked
    Installer.Failed of(Bench bench, String minor, Installer.Failed failure)
            throws InterruptedException {
        String said = failure.explanation();
        if (!recipe.gone().isEmpty()) {
            return new Installer.Failed(
                    "%s was uploaded too long ago, or to another server; deploy again, which sends it\n%s"
                            .formatted(String.join(", ", recipe.gone()), recipe.told(said)));
        }
        Explanation explanation = new Explanation(recipe, installer.stall().toSeconds(), minor);
        for (SourceUrl page : explanation.pages(said)) {
            Optional<String> shut = archives.shut(bench, minor, page);
            if (shut.isPresent()) {
                return new Installer.Failed(recipe.told(shut.get() + "\n" + said));
            }
        }
        // An archive that uv could not make use of is fetched once more.
        Optional<SourceUrl> suspect = explanation.suspect(said);
        try {
            archives.fetch(bench, minor, suspect.stream().toList(), line -> {});
            return new Installer.Failed(recipe.told(explanation.of(said)));
        } catch (Installer.Failed found) {
            return new Installer.Failed(recipe.told(found.explanation()));
        }
    }
}
