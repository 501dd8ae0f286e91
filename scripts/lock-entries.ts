export type LockEntry = {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

/** `packages` of package-lock.json: by path, `node_modules/a/node_modules/b`. */
export type Packages = Record<string, LockEntry>;

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32", "64"];

/**
 * The entries that a lock needs for optional platform packages which the registry in use does not carry. npm leaves them out
 * when it writes the lock and then refuses that lock in `npm ci` ("Missing: … from lock file"); an entry without an integrity
 * is enough, since npm skips packages of other platforms. Throws on one that is not told to be a platform's by its name.
 */
export function missingEntries(packages: Packages): Packages {
  const missing: Packages = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolves(packages, path, name)) continue;
      const platform = platformOf(name);
      if (!platform || !/^\d/.test(version))
        throw new Error(`${path} wants ${name} ${version}, which is not a platform package of one version`);
      missing[`node_modules/${name}`] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
    }
  }
  return missing;
}

/** Node's own resolution, from the package at `path` outwards. */
function resolves(packages: Packages, path: string, name: string): boolean {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    if (packages[`${base === "" ? "" : `${base}/`}node_modules/${name}`]) return true;
    if (base === "") return false;
  }
}

function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } | null {
  const words = name.replace("windows", "win32").split(/[-/]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (!os || !cpu) return null;
  return { os: [os], cpu: [cpu === "64" ? "x64" : cpu], ...(words.includes("musl") ? { libc: ["musl"] } : {}) };
}
