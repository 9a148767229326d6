// What this folder uses of the WebAssembly JavaScript interface. Node and Deno have it, but without the browser's types
// TypeScript does not know it.
declare namespace WebAssembly {
  interface ModuleImport {
    readonly module: string;
    readonly name: string;
    readonly kind: string;
  }

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): ModuleImport[];
    /** Only so that no other object passes for a module. */
    private readonly compiled: true;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    private constructor();
  }

  class Table {
    private constructor();
    get(index: number): unknown;
  }

  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    private constructor();
  }

  class RuntimeError extends Error {}

  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Record<string, Record<string, unknown>>): Promise<Instance>;
}
