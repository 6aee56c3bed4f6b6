// Every memory that a wasm module brings, to see how large they are.
globalThis.wasmMemories = new Set();
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name].bind(WebAssembly);
  WebAssembly[name] = async (source, imports, ...rest) => {
    for (const module of Object.values(imports ?? {})) {
      for (const value of Object.values(module)) if (value instanceof WebAssembly.Memory) wasmMemories.add(value);
    }
    const made = await original(source, imports, ...rest);
    const { exports } = made.instance ?? made;
    for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) wasmMemories.add(value);
    return made;
  };
}
