package mews.deploy;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Finishes what was begun although the waiting thread is interrupted: an interrupt closes the
/// connection under a commit, and then nobody knows whether it took place.
final class Undisturbed {
    private Undisturbed() {}

    /// Runs `work` on a thread of its own; the interrupt is kept for later.
    static void run(Runnable work) {
        FutureTask<Void> task = new FutureTask<>(work, null);
        Thread.ofVirtual().name("deploy-record").start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("a deploy could not be recorded", e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
