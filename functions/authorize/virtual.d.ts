/** The build makes this module of the functions in functions/: see infra/build/guarded-routes.mjs. */
declare module 'virtual:guarded-routes' {
  const routes: import('./decide.ts').GuardedRoutes;
  export default routes;
}
