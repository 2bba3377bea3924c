import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, expect, it } from "vitest";

const ENTRIES = ["index", "vitest"] as const;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The declarations that a build writes, by their paths below `/`. */
function writtenDeclarations(): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  const program = ts.createProgram(
    ENTRIES.map((entry) => join(root, `src/${entry}.ts`)),
    {
      ...compilerOptions(),
      noEmit: false,
      noCheck: true,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, "src"),
      outDir: "/",
    },
  );
  program.emit(undefined, (path, text) => written.set(path, text), undefined, true);
  return written;
}

/** What the declarations of an entry import, and all that these refer to. */
function allImportsOf(entry: string): string[] {
  const reached = new Map<string, string[]>();
  const reach = (path: string): void => {
    const text = declarations.get(path);
    if (text === undefined || reached.has(path)) return;
    const imports = importsOf(text);
    reached.set(path, imports);
    for (const specifier of imports.filter((one) => one.startsWith("."))) {
      reach(join(dirname(path), specifier.replace(/\.js$/, ".d.ts")));
    }
  };
  reach(`/${entry}.d.ts`);
  return [...reached.values()].flat();
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) =>
    ts.sys.readFile(path),
  ) as { readonly config?: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

const importsOf = (text: string): string[] =>
  [...text.matchAll(/\b(?:from|import) "([^"]+)"|\bimport\("([^"]+)"\)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );

let declarations: ReadonlyMap<string, string>;
beforeAll(() => {
  declarations = writtenDeclarations();
}, 180_000);

// A project that has its libraries checked (`skipLibCheck: false`) compiles what our declarations
// name with its own compiler: those of some packages take a newer one than that, or another target.
it.each([
  ["index", ["prom-client"]],
  ["vitest", []],
] as const)("the types of %s are of no other packages than %j", (entry, expected) => {
  const imports = allImportsOf(entry);
  expect(imports.filter((one) => one.startsWith(".")).length).toBeGreaterThan(5);
  const others = imports.filter((one) => !/^(?:\.|node:)/.test(one));
  expect([...new Set(others)]).toEqual(expected);
});
