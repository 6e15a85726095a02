package mews.build;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import mews.model.Image;

/// One kind of thing that builds keep on disk to be used again, and that may be taken away when
/// room is needed: it can be made anew. Thread-safe.
public interface CacheSource {
    /// @param kind one word for what it is: `layer`, `packages`, `image`
    /// @param key names it within its kind
    /// @param account whose it is; empty: this server's own
    /// @param bytes on disk
    /// @param summary what is in it, for people, nothing secret
    /// @param lastUsed by a build or a starting runner
    /// @param needs keys of the same kind that it stands on
    record Entry(
            String kind,
            String key,
            String account,
            long bytes,
            String summary,
            Instant lastUsed,
            Set<String> needs) {
        public Entry {
            needs = Set.copyOf(needs);
        }
    }

    /// Of all its entries.
    String kind();

    List<Entry> entries() throws IOException;

    /// Keys that an image is made of; empty if this source has no part in it.
    Set<String> partsOf(Image image);

    /// Keys that no image names and that must stay all the same, those of running builds among
    /// them.
    Set<String> held();

    /// Who holds one of those, in a few words.
    default String holder(String key) {
        return "a running build";
    }

    /// Takes an entry away: it is renamed first and deleted then, so that whatever happens in
    /// between, it is whole or gone, and what is left is swept at the next start.
    ///
    /// @param entry as listed
    /// @return false if it stays, since it was used after it was listed or is held
    boolean remove(Entry entry) throws IOException;
}
