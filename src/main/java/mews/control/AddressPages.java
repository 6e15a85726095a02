package mews.control;

import java.util.LinkedHashMap;
import java.util.Map;
import mews.control.Router.Access;
import mews.model.Addresses;

/// Where clients that speak TLS only find everything, so that a command line needs to know one
/// address. protocol: choices 1
final class AddressPages {
    private final ControlRooms.Reach reach;

    AddressPages(ControlRooms.Reach reach) {
        this.reach = reach;
    }

    void routes(Router router) {
        router.on("GET", "/v1/mews/addresses", Access.ANYONE, this::addresses);
    }

    private void addresses(Exchange exchange) {
        Addresses secure = reach.secure();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("api", secure.api());
        body.put("run", secure.run());
        body.put("queue", secure.queue());
        body.put("ws", secure.ws());
        if (reach.authority() != null) {
            body.put("authority", reach.authority());
        }
        exchange.json(200, body);
    }
}
