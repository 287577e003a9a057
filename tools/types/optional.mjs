// Options that cannot be said to be left out: a user's `{ port: settings.port }` must compile with `exactOptionalPropertyTypes`,
// so an optional property of what a published function takes takes `undefined` too, however deep it stands.

import { exportsOf, placeOf, ts } from "./program.mjs";

/**
 * @param {import("typescript").Program} program
 * @param {readonly import("./program.mjs").Entry[]} entries
 * @param {string} base places are told relative to it
 * @returns {string[]}
 */
export function closedOptions(program, entries, base) {
  const checker = program.getTypeChecker();
  /** @type {Set<string>} */
  const problems = new Set();
  /** @type {Set<import("typescript").Type>} */
  const seen = new Set();

  /** What a caller gives. @param {import("typescript").Type} type @param {string} where */
  const given = (type, where) => {
    if (seen.has(type)) return;
    seen.add(type);
    if (type.isUnionOrIntersection()) for (const part of type.types) given(part, where);
    if (type.isUnion() || (type.flags & ts.TypeFlags.Object) === 0 || isClass(type) || isMadeHere(type)) return;
    if (checker.isArrayType(type) || checker.isTupleType(type)) {
      for (const part of checker.getTypeArguments(/** @type {import("typescript").TypeReference} */ (type)))
        given(part, where);
      return;
    }
    for (const member of checker.getPropertiesOfType(type)) {
      const declaration = member.declarations?.find((one) => isOurs(one));
      if (declaration === undefined) continue;
      const held = checker.getTypeOfSymbol(member);
      const isData = !ts.isMethodSignature(declaration) && (member.flags & ts.SymbolFlags.Optional) !== 0;
      if (isData && !takesUndefined(held)) {
        problems.add(
          `${placeOf(declaration, base)}: ${where}.${member.name} takes no undefined: write \`| undefined\``,
        );
      }
      given(checker.getNonNullableType(held), `${where}.${member.name}`);
    }
  };
  // What a property that is left out has is another type than `undefined`, where properties are exactly optional.
  /** @param {import("typescript").Type} type */
  const takesUndefined = (type) => {
    const isAny = (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
    return isAny || (type.isUnion() ? type.types : [type]).includes(checker.getUndefinedType());
  };
  /** @param {import("typescript").Type} type @param {string} where */
  const called = (type, where) => {
    for (const { parameters } of isMadeHere(type) ? [] : type.getCallSignatures()) {
      for (const parameter of parameters)
        given(checker.getNonNullableType(checker.getTypeOfSymbol(parameter)), `${where}(${parameter.name})`);
    }
  };
  for (const { file, subpath } of entries) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not among the sources`);
    for (const { name, target } of exportsOf(checker, source)) {
      if ((target.flags & ts.SymbolFlags.Value) !== 0) {
        const type = checker.getTypeOfSymbol(target);
        called(type, `${subpath} ${name}`);
      }
      if ((target.flags & ts.SymbolFlags.Class) === 0) continue;
      for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target))) {
        if (member.name.includes("#")) continue;
        called(checker.getNonNullableType(checker.getTypeOfSymbol(member)), `${name}.${member.name}`);
      }
    }
  }
  return [...problems].sort();
}

/**
 * What the library makes and takes back (tickets, credentials, what was decoded), and what it asks of a caller's own host and
 * connections, which it gives to functions of the caller: they need not take what it never gives.
 * @param {import("typescript").Type} type */
function isMadeHere(type) {
  return /^(ByteStream|ConnectOptions|Connection|Credential|Dial|KeyHint|Login|Pac|Runtime|ServiceTicket|Trace)$/.test(
    (type.aliasSymbol ?? type.symbol)?.name ?? "",
  );
}

/** @param {import("typescript").Type} type */
function isClass(type) {
  return type.symbol !== undefined && (type.symbol.flags & ts.SymbolFlags.Class) !== 0;
}

/** @param {import("typescript").Declaration} declaration */
const isOurs = (declaration) => !declaration.getSourceFile().fileName.includes("/node_modules/");
