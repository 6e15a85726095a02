package mews.queue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Refusal;
import mews.queue.Queue.NewRequest;
import mews.queue.Rows.Submission;
import org.jspecify.annotations.Nullable;

/// The way in: many submits, one commit.
final class Intake implements AutoCloseable {
    private final LineKeeper keeper;
    private final Codec codec;
    private final Overflow overflow;
    private final GroupWriter<Submission, Submitted> writer =
            new GroupWriter<>("queue-submit", this::insert);

    private record Submitted(int position, @Nullable Refusal refusal) {}

    Intake(LineKeeper keeper, Codec codec, Overflow overflow) {
        this.keeper = keeper;
        this.codec = codec;
        this.overflow = overflow;
    }

    void start() {
        writer.start();
    }

    @Override
    public void close() {
        writer.close();
    }

    /// @return the position it got
    /// @throws Refusal if more than `maxLength` wait
    int submit(NewRequest request, @Nullable Integer maxLength) {
        Submission submission = new Submission(request, codec.sealed(request.headers()), maxLength);
        String file = Overflow.requestName(request.id());
        if (submission.inFile()) {
            overflow.write(file, request.body());
        }
        // After a failure the row may be there all the same, so its file stays.
        Submitted submitted = writer.write(submission);
        if (submitted.refusal == null) {
            return submitted.position;
        }
        if (submission.inFile()) {
            overflow.delete(file);
        }
        throw submitted.refusal;
    }

    private List<Submitted> insert(List<Submission> batch) {
        return keeper.change(() -> {
            Map<UUID, Refusal> refused = tooMany(batch);
            Map<UUID, Long> numbers =
                    keeper.insert(
                            batch.stream()
                                    .filter(each -> !refused.containsKey(each.id()))
                                    .toList());
            return batch.stream().map(each -> submitted(each.request(), numbers, refused)).toList();
        });
    }

    private Map<UUID, Refusal> tooMany(List<Submission> batch) {
        Map<AppName, Integer> lengths = new HashMap<>();
        Map<UUID, Refusal> refused = new HashMap<>();
        for (Submission each : batch) {
            AppName app = each.request().app();
            int length = lengths.computeIfAbsent(app, keeper.lines()::size);
            Integer most = each.maxLength();
            if (most != null && length > most) {
                refused.put(each.id(), full(app, length, most));
            } else {
                lengths.put(app, length + 1);
            }
        }
        return refused;
    }

    private Submitted submitted(
            NewRequest request, Map<UUID, Long> numbers, Map<UUID, Refusal> refused) {
        Long number = numbers.get(request.id());
        if (number == null) {
            return new Submitted(-1, refused.get(request.id()));
        }
        WaitingLines lines = keeper.lines();
        return new Submitted(lines.position(request.app(), request.priority(), number), null);
    }

    /// protocol: data 5.1
    private static Refusal full(AppName app, int length, int most) {
        return new Refusal(
                Refusal.Kind.EXHAUSTED,
                ("the queue of '%s' holds %d waiting requests, more than the %d that"
                                + " fal_max_queue_length allows; try again later")
                        .formatted(app, length, most));
    }
}
