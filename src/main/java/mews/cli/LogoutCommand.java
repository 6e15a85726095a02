package mews.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.concurrent.Callable;
import mews.base.Json;
import mews.wire.proto.RevokeUserKeyRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command
final class LogoutCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Override
    public Integer call() throws IOException {
        String token =
                LoginFile.read()
                        .orElseThrow(() ->
                                Failure.failed(
                                        "%s holds no login of Mews; log in with 'mews login'",
                                        LoginFile.path()));
        try (Connection connection = server.connect()) {
            connection
                    .control()
                    .revokeUserKey(RevokeUserKeyRequest.newBuilder().setKeyId(id(token)).build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
        Files.delete(LoginFile.path());
        Terminal.ofProcess().say("logged out");
        return 0;
    }

    private static String id(String token) {
        String claims = token.split("\\.", -1)[1];
        return Json.MAPPER
                .readTree(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8))
                .path("jti")
                .asString();
    }
}
