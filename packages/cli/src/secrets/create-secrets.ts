import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { SecretResolver } from '@floe/core/secrets/secret-resolver';
import { readFile } from 'node:fs/promises';
import type { CommandContext } from '../command-context.js';

/** Reads secrets from the environment, from files and from Kubernetes; every value is known to the redactor at once. */
export function createSecrets({ environment, redactor }: CommandContext): SecretResolver {
  const resolver = createSecretResolver({
    env: environment.variables,
    readFile: (path) => readFile(path, 'utf8'),
    kubernetes: async (reference, options) =>
      (await import('./kubernetes-secrets.js')).readKubernetesSecret(reference, options),
  });
  return {
    async resolve(reference, options) {
      const outcome = await resolver.resolve(reference, options);
      if (outcome.ok) redactor.register(outcome.value);
      return outcome;
    },
  };
}
