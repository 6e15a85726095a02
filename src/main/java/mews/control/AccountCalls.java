package mews.control;

import java.util.HashSet;
import java.util.Set;
import mews.account.Accounts;
import mews.account.Keys;
import mews.account.Secrets;
import mews.deploy.Aliases;
import mews.deploy.Deployment;
import mews.history.History;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Caller;
import mews.model.KeyScope;
import mews.model.Refusal;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.CreateEnvironmentResponse;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.CreateUserKeyResponse;
import mews.wire.proto.DeleteEnvironmentRequest;
import mews.wire.proto.DeleteEnvironmentResponse;
import mews.wire.proto.EnvironmentInfo;
import mews.wire.proto.ListEnvironmentsResponse;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.ListSecretsResponse;
import mews.wire.proto.ListUserKeysResponse;
import mews.wire.proto.RevokeUserKeyRequest;
import mews.wire.proto.RevokeUserKeyResponse;
import mews.wire.proto.Secret;
import mews.wire.proto.SetSecretRequest;
import mews.wire.proto.SetSecretResponse;
import mews.wire.proto.UserKeyInfo;

/// Keys, secrets and named environments. protocol: control 2.7
final class AccountCalls {
    private final Accounts accounts;
    private final Keys keys;
    private final Secrets secrets;
    private final Deployment deployment;
    private final History history;
    private final Names names;

    AccountCalls(
            Accounts accounts,
            Keys keys,
            Secrets secrets,
            Deployment deployment,
            History history,
            Names names) {
        this.accounts = accounts;
        this.keys = keys;
        this.secrets = secrets;
        this.deployment = deployment;
        this.history = history;
        this.names = names;
    }

    CreateUserKeyResponse createKey(Caller caller, CreateUserKeyRequest request) {
        KeyScope scope = KeyScopes.asked(request);
        Keys.NewKey key =
                keys.create(
                        new Keys.Wish(
                                caller.account(), caller.user(), scope, request.getAlias(), null));
        return CreateUserKeyResponse.newBuilder()
                .setKeyId(key.id())
                .setKeySecret(key.secret())
                .build();
    }

    ListUserKeysResponse listKeys(Caller caller) {
        return ListUserKeysResponse.newBuilder()
                .addAllUserKeys(
                        keys.list(caller.account()).stream().map(AccountCalls::key).toList())
                .build();
    }

    RevokeUserKeyResponse revokeKey(Caller caller, RevokeUserKeyRequest request) {
        if (!keys.revoke(caller.account(), request.getKeyId())) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND, "key '%s' not found".formatted(request.getKeyId()));
        }
        return RevokeUserKeyResponse.getDefaultInstance();
    }

    /// A value that is absent deletes.
    SetSecretResponse setSecret(Caller caller, SetSecretRequest request) {
        String environment = names.environment(caller, request.getEnvironmentName());
        if (request.hasValue()) {
            secrets.set(
                    caller.account(),
                    environment,
                    request.getName(),
                    request.getValue(),
                    request.hasDefaultExposed()
                            ? Boolean.valueOf(request.getDefaultExposed())
                            : null);
        } else if (!secrets.unset(caller.account(), environment, request.getName())) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "secret '%s' not found in environment '%s'"
                            .formatted(request.getName(), environment));
        }
        return SetSecretResponse.getDefaultInstance();
    }

    ListSecretsResponse listSecrets(Caller caller, ListSecretsRequest request) {
        String environment = names.environment(caller, request.getEnvironmentName());
        return ListSecretsResponse.newBuilder()
                .addAllSecrets(
                        secrets.list(caller.account(), environment).stream()
                                .map(AccountCalls::secret)
                                .toList())
                .build();
    }

    ListEnvironmentsResponse listEnvironments(Caller caller) {
        return ListEnvironmentsResponse.newBuilder()
                .addAllEnvironments(
                        accounts.environments(caller.account()).stream()
                                .map(AccountCalls::environment)
                                .toList())
                .build();
    }

    CreateEnvironmentResponse createEnvironment(Caller caller, CreateEnvironmentRequest request) {
        return CreateEnvironmentResponse.newBuilder()
                .setEnvironment(
                        environment(
                                accounts.createEnvironment(
                                        caller.account(),
                                        request.getName(),
                                        request.getDescription())))
                .build();
    }

    DeleteEnvironmentResponse deleteEnvironment(Caller caller, DeleteEnvironmentRequest request) {
        String name = request.getName();
        if (!name.equals(Names.MAIN)) {
            deleteApps(caller.account(), name);
        }
        accounts.deleteEnvironment(caller.account(), name);
        return DeleteEnvironmentResponse.getDefaultInstance();
    }

    /// With their revisions and what is remembered of them. protocol: platform 9
    private void deleteApps(String account, String environment) {
        Aliases aliases = deployment.aliases();
        Set<AppName> apps = new HashSet<>();
        for (Alias alias : aliases.list(account, environment)) {
            deployment.deployer().remove(alias.app());
            apps.add(alias.app());
        }
        for (Aliases.Listed revision : aliases.revisions(account, null)) {
            if (revision.app().environment().equals(environment)) {
                aliases.deleteRevision(account, revision.id());
                apps.add(revision.app());
            }
        }
        apps.forEach(history::forget);
    }

    private static UserKeyInfo key(Keys.KeyInfo key) {
        return UserKeyInfo.newBuilder()
                .setKeyId(key.id())
                .setCreatedAt(Words.timestamp(key.createdAt()))
                .setScope(
                        switch (key.scope()) {
                            case ADMIN -> CreateUserKeyRequest.Scope.ADMIN;
                            case API -> CreateUserKeyRequest.Scope.API;
                        })
                .setAlias(key.description())
                .build();
    }

    private static Secret secret(Secrets.SecretInfo secret) {
        Secret.Builder wire =
                Secret.newBuilder()
                        .setName(secret.name())
                        .setCreatedTime(Words.timestamp(secret.createdAt()));
        if (!secret.environment().equals(Names.MAIN)) {
            wire.setEnvironmentName(secret.environment());
        }
        Boolean exposed = secret.exposed();
        if (exposed != null) {
            wire.setDefaultExposed(exposed);
        }
        return wire.build();
    }

    private static EnvironmentInfo environment(Accounts.Environment environment) {
        return EnvironmentInfo.newBuilder()
                .setName(environment.name())
                .setDescription(environment.description())
                .setIsDefault(environment.isDefault())
                .setCreatedAt(Words.timestamp(environment.createdAt()))
                .build();
    }
}
