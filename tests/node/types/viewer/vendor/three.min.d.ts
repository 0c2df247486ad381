// The bundle has no types of its own: those of the package, of what the bundle exports.
export * from '../../../three-entry.mjs';
