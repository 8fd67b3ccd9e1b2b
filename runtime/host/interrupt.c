/*
** interrupt.c - Ctrl-C, termination, hang-up.
** A handler may do next to nothing, but lua_sethook is safe there (lua.c's
** way), and so is setting the cancel flag. The hook then raises the error from
** inside the running Lua code. That code may be a coroutine, which Lua does
** not tell: so 'resume' and its like are wrapped to keep track.
*/
#include "host/host.h"
#include "bind/bind.h"
#include "bind/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static mlp_Runtime *runtime;
static pthread_t owner;               /* the thread that runs Lua */
static lua_State *volatile running;   /* NULL: no code of the user runs */
static volatile sig_atomic_t last;    /* signal */
static volatile sig_atomic_t presses; /* without an answer in between */
static volatile sig_atomic_t waiting; /* came while nothing ran */
static struct timespec pressed;       /* when, last; the handler's alone */
static int patience;                  /* presses that end the process */

static void stop (lua_State *L, lua_Debug *ar);

static void arm (lua_State *L) {
  int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
  lua_sethook(L, stop, mask, 1);
}

static void disarm (lua_State *L) {
  if (lua_gethook(L) == stop) lua_sethook(L, NULL, 0, 0);
}

static int interrupt (lua_State *L) {
  return mlpi_raise(L, MLP_ECANCELLED, "interrupted");
}

/* Runs inside the script, soon after an interruption, as a debug hook. */
static void stop (lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (!mlpi_cancelled(runtime)) { /* somebody has answered it */
    disarm(L);
    return;
  }
  if (presses < 2) { /* later ones are not to be swallowed or held off */
    if (mlpi_shielded(L)) return;
    disarm(L);
    mlp_reset(runtime);
  }
  lua_pushcfunction(L, interrupt); /* a function of its own on the stack */
  lua_call(L, 0, 0);               /* makes the script's line its caller's */
}

/* Has the last signal had its effect, and is it more than a second old? */
static bool starts_anew (void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long ms = (long)(now.tv_sec - pressed.tv_sec) * 1000 +
            (now.tv_nsec - pressed.tv_nsec) / 1000000;
  pressed = now;
  return !mlpi_cancelled(runtime) && ms > 1000;
}

static void on_signal (int sig) {
  if (!pthread_equal(pthread_self(), owner)) {
    pthread_kill(owner, sig); /* hooks are set by their own thread only */
    return;
  }
  last = sig;
  presses = starts_anew() ? 1 : presses + 1;
  waiting = running == NULL; /* for the prompt, or for what runs next */
  if (waiting) return;
  if (presses >= patience) _exit(128 + sig);
  mlp_cancel(runtime);
  arm(running);
}

static void ignore (int sig) { (void)sig; } /* a child gets the default back */

static void catch (int sig, void (*handler)(int)) {
  struct sigaction old, action;
  if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
    return; /* as under nohup */
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaddset(&action.sa_mask, SIGHUP);
  sigaction(sig, &action, NULL);
}

/* Is the value on top an interruption's error? */
static bool is_interruption (lua_State *L) {
  if (!lua_istable(L, -1)) return false;
  lua_pushliteral(L, "kind");
  lua_rawget(L, -2);
  const char *kind = lua_tostring(L, -1);
  bool is = kind != NULL && strcmp(kind, "interrupted") == 0;
  lua_pop(L, 1);
  return is;
}

/*
** Call the original (first upvalue) while the coroutine (second upvalue, or
** else the first argument) is the one that runs. An interruption does not end
** at the coroutine, as other errors do where it is resumed.
*/
static int tracked (lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(2));
  const bool users = running != NULL;
  if (co == NULL) co = lua_tothread(L, 1);
  if (co == NULL) return luaL_typeerror(L, 1, "coroutine");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (users) {
    running = co;
    if (mlpi_cancelled(runtime)) arm(co);
  }
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  running = users ? L : NULL;
  if (users && mlpi_cancelled(runtime)) arm(L);
  if (status != LUA_OK) return lua_error(L);
  if (lua_isboolean(L, 1) && !lua_toboolean(L, 1) && is_interruption(L))
    return lua_error(L);
  return lua_gettop(L);
}

/* coroutine.wrap: the original's function holds the coroutine. */
static int wrap (lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  lua_getupvalue(L, -1, 1);
  lua_pushcclosure(L, tracked, 2);
  return 1;
}

static void replace (lua_State *L, const char *name, lua_CFunction f) {
  lua_getfield(L, -1, name);
  lua_pushnil(L);
  lua_pushcclosure(L, f, 2);
  lua_setfield(L, -2, name);
}

void mlpi_interrupt_open (lua_State *L, mlp_Runtime *rt, bool interactive) {
  runtime = rt;
  owner = pthread_self();
  patience = interactive ? 3 : 2;
  lua_getglobal(L, "coroutine");
  replace(L, "resume", tracked);
  replace(L, "close", tracked);
  replace(L, "wrap", wrap);
  lua_pop(L, 1);
  catch (SIGINT, on_signal);
  catch (SIGTERM, on_signal);
  catch (SIGHUP, on_signal);
  catch (SIGPIPE, ignore);
}

void mlpi_interrupt_close (void) {
  catch (SIGINT, SIG_DFL);
  catch (SIGTERM, SIG_DFL);
  catch (SIGHUP, SIG_DFL);
}

void mlpi_interrupt_begin (lua_State *L) {
  presses = 0;
  running = L;
  if (waiting) {
    mlp_cancel(runtime);
    arm(L);
  }
  waiting = 0;
}

void mlpi_interrupt_end (lua_State *L) {
  running = NULL;
  disarm(L);
  mlp_reset(runtime);
}

int mlpi_interrupt_signal (void) { return last; }
void mlpi_interrupt_forget (void) { last = waiting = 0; }
