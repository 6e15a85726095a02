package mews.sandbox;

import java.util.List;
import mews.base.Hashes;
import mews.sandbox.SandboxSpec.User;

/// Which numbers on this host the users and groups of an image are, as lines of a user namespace's
/// map: inside, outside, count. The one who runs the process is the account's own uid, so that
/// files on `/data` belong to the account whatever image wrote them. All others, root among them,
/// are numbers that nobody on this host has.
///
/// @param uids none: nothing is to be mapped
record ImageIds(List<List<Long>> uids, List<List<Long>> gids) {
    /// Above what distributions hand out for containers, below the uids of accounts.
    private static final long FIRST = 0x40000000L;

    /// How many users an image may have.
    private static final long COUNT = 0x10000L;

    private static final int RANGES = 0x1fff;

    /// Of an ordinary user's server, which is in a user namespace with the image's numbers by then.
    static final ImageIds OWN = new ImageIds(List.of(), List.of());

    /// @param owner as in `SandboxSpec`
    /// @param uid of the owner on this host, its gid too
    static ImageIds of(User user, String owner, int uid) {
        int hash = Integer.parseInt(Hashes.sha256Hex(owner).substring(0, 6), 16);
        long first = FIRST + (hash & RANGES) * COUNT;
        return new ImageIds(lines(user.uid(), uid, first), lines(user.gid(), uid, first));
    }

    private static List<List<Long>> lines(long inside, long outside, long first) {
        List<Long> own = List.of(inside, outside, 1L);
        if (inside >= COUNT) {
            return List.of(List.of(0L, first, COUNT), own);
        }
        List<Long> after = List.of(inside + 1, first + inside + 1, COUNT - inside - 1);
        if (inside == 0) {
            return List.of(own, after);
        }
        List<Long> before = List.of(0L, first, inside);
        return inside == COUNT - 1 ? List.of(before, own) : List.of(before, own, after);
    }
}
