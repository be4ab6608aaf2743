import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { SecretResolver } from '@floe/core/secrets/secret-resolver';
import { readFile } from 'node:fs/promises';
import type { CommandContext } from '../command-context.js';

/** Reads secrets from the environment, from files and from Kubernetes; every value is known to the redactor at once. */
export function createSecrets({ environment, redactor }: CommandContext): SecretResolver {
  const resolver = createSecretResolver({
    env: environment.variables,
    readFile: (path) => readFile(path, 'utf8'),
    kubernetes: async (secret, options) => {
      const { readKubernetesSecret } = await import('./kubernetes-secrets.js');
      const outcome = await readKubernetesSecret(secret, options);
      if (outcome.ok) for (const value of Object.values(outcome.value)) redactor.register(value);
      return outcome;
    },
  });
  return {
    async resolve(reference, options) {
      const outcome = await resolver.resolve(reference, options);
      if (outcome.ok) redactor.register(outcome.value);
      return outcome;
    },
  };
}
