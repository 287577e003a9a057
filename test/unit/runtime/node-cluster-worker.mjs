// A worker of a cluster: tells its primary process what it takes itself for.

const { isOneOfMany } = await import(/** @type {string} */ (process.env.FILE));
process.send?.(isOneOfMany(), () => process.disconnect());
