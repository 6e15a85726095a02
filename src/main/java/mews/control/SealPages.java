package mews.control;

import java.util.Map;
import java.util.function.IntSupplier;
import mews.account.AccountTable;
import mews.control.Router.Access;
import mews.model.Refusal;

/// The key that seals what must not be readable in the database.
final class SealPages {
    private final IntSupplier keys;

    SealPages(IntSupplier keys) {
        this.keys = keys;
    }

    void routes(Router router) {
        router.on("POST", "/v1/mews/sealing-key", Access.ADMIN, this::rotate);
    }

    private void rotate(Exchange exchange) {
        if (!exchange.caller().account().equals(AccountTable.FIRST)) {
            throw new Refusal(
                    Refusal.Kind.FORBIDDEN,
                    "the sealing key belongs to the whole server; only a key of account '%s' may replace it"
                            .formatted(AccountTable.FIRST));
        }
        exchange.json(200, Map.of("secrets", keys.getAsInt()));
    }
}
