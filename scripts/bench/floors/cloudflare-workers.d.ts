// The little of the runtime's own module that floors use; the full types do not live beside Node's.
declare module "cloudflare:workers" {
  export abstract class DurableObject<E> {
    protected readonly env: E;
    constructor(state: unknown, env: E);
  }
}
