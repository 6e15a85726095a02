package mews.sandbox;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process that stands for a fork, and is no child of this one: it tells by a socket what a child
/// would be asked for.
final class GuidedProcess extends Process {
    private static final Logger LOG = LoggerFactory.getLogger(GuidedProcess.class);

    /// Of a guide that ended without a word.
    private static final int LOST = 137;

    private final SocketChannel guide;
    private final BufferedReader said;
    private final ProcessHandle handle;
    private final OutputStream stdin;
    private final InputStream stdout;
    private final InputStream stderr;
    private final CompletableFuture<Integer> code = new CompletableFuture<>();

    private GuidedProcess(SocketChannel guide, BufferedReader said, Streams streams)
            throws IOException {
        this.guide = guide;
        this.said = said;
        this.handle =
                ProcessHandle.of(streams.pid())
                        .orElseThrow(() -> new IOException("the guide of a fork ended at once"));
        this.stdin = new FileOutputStream(streams.path(streams.stdin()));
        try {
            this.stdout = new FileInputStream(streams.path(streams.stdout()));
            this.stderr = new FileInputStream(streams.path(streams.stderr()));
        } catch (IOException e) {
            stdin.close();
            throw e;
        }
    }

    /// What a guide is for.
    ///
    /// @param room folder for what it finds out
    /// @param plan fields that end with a zero byte, a name before each; the guide's own
    /// @param order handed on to the parent, and no business of the guide's
    record Task(Path room, String plan, String order) {
        String text() {
            int planned = plan.getBytes(StandardCharsets.UTF_8).length;
            int ordered = order.getBytes(StandardCharsets.UTF_8).length;
            return "%s\n%d %d\n%s%s".formatted(room, planned, ordered, plan, order);
        }
    }

    /// Where the guide holds this server's ends of the fork's streams.
    private record Streams(long pid, int stdin, int stdout, int stderr) {
        static Streams parse(String told) throws IOException {
            String[] words = told.split(" ");
            if (words.length != 5 || !words[0].equals("streams")) {
                throw new IOException("the guide of a fork gave up: " + told);
            }
            return new Streams(
                    Long.parseLong(words[1]),
                    Integer.parseInt(words[2]),
                    Integer.parseInt(words[3]),
                    Integer.parseInt(words[4]));
        }

        String path(int fd) {
            return "/proc/%d/fd/%d".formatted(pid, fd);
        }
    }

    /// @param guide who was just connected to; closed when it ended
    /// @throws IOException if it does not come to asking for a fork
    static GuidedProcess of(SocketChannel guide, Task task) throws IOException {
        say(guide, task.text());
        BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(
                                Channels.newInputStream(guide), StandardCharsets.US_ASCII));
        String told = said.readLine();
        GuidedProcess made =
                new GuidedProcess(guide, said, Streams.parse(told == null ? "" : told));
        say(guide, "taken\n");
        Thread.ofVirtual().name("mews-guide-" + made.pid()).start(made::awaitEnd);
        return made;
    }

    @Override
    public long pid() {
        return handle.pid();
    }

    @Override
    public ProcessHandle toHandle() {
        return handle;
    }

    @Override
    public OutputStream getOutputStream() {
        return stdin;
    }

    @Override
    public InputStream getInputStream() {
        return stdout;
    }

    @Override
    public InputStream getErrorStream() {
        return stderr;
    }

    @Override
    public boolean isAlive() {
        return !code.isDone();
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return code.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            code.get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return code.thenApply(any -> this);
    }

    @Override
    public int exitValue() {
        if (isAlive()) {
            throw new IllegalThreadStateException("the fork did not end");
        }
        return code.join();
    }

    @Override
    public void destroy() {
        handle.destroy();
    }

    @Override
    public Process destroyForcibly() {
        handle.destroyForcibly();
        return this;
    }

    private void awaitEnd() {
        int told = LOST;
        try (guide) {
            String line = said.readLine();
            if (line != null && line.startsWith("exit ")) {
                told = Integer.parseInt(line.substring(5));
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("guide was lost pid={}", pid(), e);
        } finally {
            code.complete(told);
        }
    }

    private static void say(SocketChannel guide, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            guide.write(bytes);
        }
    }
}
