/** The build makes this module of the function.json files in functions/: see infra/build/route-roles.mjs. */
declare module 'virtual:route-roles' {
  const roles: Readonly<Record<string, string>>;
  export default roles;
}
