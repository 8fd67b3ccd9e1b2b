/*
** io_test.c - files under faults: every system call and every allocation is
** made to fail in turn. `io_test save PATH LETTER` does one save, for
** kill_save.sh to shoot at.
*/
#define _XOPEN_SOURCE 700

#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

mlp_Runtime *rt;
char folder[200];
int passed, failed, skipped;

void check (bool ok, const char *what) {
  if (ok)
    passed++;
  else
    failed++, printf("  failed: %s [%s]\n", what, mlp_last_error(rt));
}

bool expect (bool ok, const char *what, long detail) {
  if (!ok) printf("  %s, %ld [%s]\n", what, detail, mlp_last_error(rt));
  return ok;
}

bool says (const char *part) { return strstr(mlp_last_error(rt), part); }

const char *in_folder (const char *name) {
  static char path[4][600];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

void put (const char *path, const void *data, size_t n) {
  FILE *f = fopen(path, "wb");
  if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0) {
    perror(path);
    exit(1);
  }
}

bool holds (const char *path, const void *data, size_t n) {
  char *got;
  size_t got_n;
  if (mlpi_read_file(rt, "test", path, 0, &got, &got_n) != MLP_OK) return false;
  bool same = got_n == n && memcmp(got, data, n) == 0;
  mlpi_free(rt, got, got_n + 1);
  return same;
}

static bool is_entry (const struct dirent *e) {
  return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

int files_in_folder (void) {
  int n = 0;
  DIR *d = opendir(folder);
  for (struct dirent *e; (e = readdir(d)) != NULL;) n += is_entry(e);
  closedir(d);
  return n;
}

static void empty_folder (void) {
  DIR *d = opendir(folder);
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    if (is_entry(e)) remove(in_folder(e->d_name));
  closedir(d);
}

/* -- faults ---------------------------------------------------------------- */

static struct {
  const char *call;
  int countdown, error;
} plan;

static int planned (void *ud, const char *call) {
  (void)ud;
  if (plan.call != NULL && strcmp(plan.call, call) != 0) return 0;
  return --plan.countdown == 0 ? plan.error : 0;
}

void plan_fault (const char *call, int k, int error) {
  plan.call = call;
  plan.countdown = k;
  plan.error = error;
  mlpi_io_fault(rt, error != 0 ? planned : NULL, NULL);
}

bool fault_happened (void) { return plan.countdown <= 0; }

bool survives_no_memory (mlp_Status (*f)(void)) {
  const size_t before = mlp_memory_used(rt);
  bool ok = true;
  for (int forever = 0; forever < 2; forever++)
    for (long n = 1;; n++) {
      rt->fail_at = n;
      rt->fail_on = forever;
      rt->error[0] = '\0';
      mlp_Status status = f();
      bool done = rt->fail_at > 0;
      rt->fail_at = 0;
      rt->fail_on = false;
      ok &= expect(mlp_memory_used(rt) == before, "leak", n);
      if (status == MLP_OK && done) break;
      ok &= expect(status == MLP_ENOMEM && says("memory"), "status", n);
      if (!ok || n > 1000) return false;
    }
  return ok;
}

static const char old_text[] = "the old contents";
static const char new_text[] = "the new contents, in two pieces";

static mlp_Status save_pieces (const char *path) {
  const mlpi_Piece pieces[] = { { new_text, 10 },
                                { new_text + 10, sizeof new_text - 10 } };
  return mlpi_write_pieces(rt, "save", path, 2, pieces);
}

/* One save with the k-th call failing; *more: it had so many calls. */
static bool save_with_fault (const char *call, int k, int error, bool *more) {
  const char *path = in_folder("x");
  put(path, old_text, sizeof old_text);
  rt->error[0] = '\0';
  plan_fault(call, k, error);
  mlp_Status status = save_pieces(path);
  *more = fault_happened();
  plan_fault(NULL, 0, 0);
  bool harmless = error == EINTR || error < 0 || !*more;
  bool is_new = holds(path, new_text, sizeof new_text);
  bool is_old = holds(path, old_text, sizeof old_text);
  bool ok = expect(files_in_folder() == 1, "a temporary is left", k);
  ok &= expect(is_old || is_new, "a torn file", k);
  if (harmless) return ok & expect(status == MLP_OK && is_new, "not saved", k);
  return ok & expect(status == MLP_EIO, "the fault went unseen", k);
}

static void test_write_faults (void) {
  static const char *const calls[] = { "open", "write", "fsync", "close",
                                       "rename" };
  static const int errors[] = { EIO, ENOSPC, EACCES, EINTR, -1, -3 };
  int runs = 0;
  bool ok = true, more;
  for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
      for (int k = 1;; k++, runs++) {
        ok &= save_with_fault(calls[c], k, errors[e], &more);
        if (!more) break;
      }
  check(ok && runs > 40, "#E02 every fault of a save leaves old or new");
  plan_fault("write", 2, ENOSPC);
  save_pieces(in_folder("x"));
  plan_fault(NULL, 0, 0);
  check(says("/x'") && says("no space left") && says("needs 32 bytes"),
        "#E01 a full disk is named with path and bytes needed");
  plan_fault("fsync", 2, EIO);
  save_pieces(in_folder("x"));
  plan_fault(NULL, 0, 0);
  check(says("is in place, but may be lost"),
        "#E02 a folder that does not sync is a failure");
}

/* A file of one letter, large enough for several writes to matter. */
enum { LETTERS = 150000 };
static int save_letter (const char *path, char letter) {
  static char data[LETTERS];
  const size_t third = LETTERS / 3;
  memset(data, letter, sizeof data);
  const mlpi_Piece pieces[] = { { data, third },
                                { data + third, third },
                                { data + 2 * third, third } };
  return mlpi_write_pieces(rt, "save", path, 3, pieces) == MLP_OK ? 0 : 1;
}

/* One append to a log, or to a new one, with the k-th call failing. */
static bool append_with_fault (const char *call, int k, int error, bool fresh,
                               bool *more) {
  const char *path = in_folder("x");
  bool taken = false;
  remove(path);
  if (!fresh) put(path, old_text, 16);
  plan_fault(call, k, error);
  mlp_Status status =
      mlpi_append_file(rt, "log", path, new_text, 10, fresh ? &taken : NULL);
  *more = fault_happened();
  plan_fault(NULL, 0, 0);
  bool is_new = holds(path, fresh ? new_text : "the old contentsthe new co",
                      fresh ? 10 : 26);
  bool is_old = fresh ? files_in_folder() == 0 : holds(path, old_text, 16);
  if (error == EINTR || error < 0 || !*more)
    return expect(status == MLP_OK && is_new && !taken, "not appended", k);
  return expect(status == MLP_EIO && is_old, "a torn log", k);
}

static void test_append (void) {
  static const char *const calls[] = { "open", "fstat", "write" };
  static const int errors[] = { EIO, ENOSPC, EINTR, -3 };
  bool ok = true, more, taken;
  for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
      for (int fresh = 0; fresh < 2; fresh++)
        for (int k = 1;; k++) {
          if (c == 1 && (errors[e] == EINTR || errors[e] < 0)) break;
          ok &= append_with_fault(calls[c], k, errors[e], fresh, &more);
          if (!more) break;
        }
  check(ok, "#E02 a log that cannot be written to is as long as it was");
  put(in_folder("x"), old_text, 16);
  ok = mlpi_append_file(rt, "log", in_folder("x"), "y", 1, &taken) == MLP_OK &&
       taken && holds(in_folder("x"), old_text, 16);
  check(ok, "a new log leaves one of that name alone");
  mkfifo(in_folder("fifo"), 0666);
  ok = mlpi_append_file(rt, "log", folder, "y", 1, NULL) == MLP_EIO &&
       says("log: cannot write '") && says("it is a folder");
  ok &=
      mlpi_append_file(rt, "log", in_folder("fifo"), "y", 1, NULL) == MLP_EIO &&
      says("not a regular file");
  ok &=
      mlpi_append_file(rt, "log", in_folder("none"), "y", 1, NULL) == MLP_EIO &&
      says("no such file");
  check(ok, "#D15 what is no log is refused without hanging");
  empty_folder();
}

/* One cut to 7 bytes with that call failing: done, or the file is as it was. */
static bool cut_with_fault (const char *call, int error) {
  size_t n = 99;
  put(in_folder("x"), old_text, 16);
  plan_fault(call, 1, error);
  mlp_Status status = mlpi_cut_file(rt, "log", in_folder("x"), 7, &n);
  plan_fault(NULL, 0, 0);
  if (error == EINTR) return status == MLP_OK && n == 7;
  return status == MLP_EIO && n == 0 && says("log: cannot write '") &&
         holds(in_folder("x"), old_text, 16);
}

static void test_cut (void) {
  size_t n, m;
  const char *path = in_folder("x");
  put(path, old_text, 16);
  bool ok = mlpi_cut_file(rt, "log", path, 7, &n) == MLP_OK && n == 7 &&
            mlpi_cut_file(rt, "log", path, 100, &m) == MLP_OK && m == 7;
  check(ok && holds(path, old_text, 7), "a log is cut to so many bytes");
  ok = cut_with_fault("open", EIO) && cut_with_fault("fstat", EIO) &&
       cut_with_fault("truncate", EIO) && cut_with_fault("truncate", EINTR);
  check(ok, "#E02 a log that cannot be cut is as it was");
  mkfifo(in_folder("fifo"), 0666);
  ok = mlpi_cut_file(rt, "log", in_folder("fifo"), 0, &n) == MLP_EIO &&
       says("not a regular file") &&
       mlpi_cut_file(rt, "log", folder, 0, &n) == MLP_EIO &&
       mlpi_cut_file(rt, "log", in_folder("none"), 0, &n) == MLP_EIO;
  check(ok, "#D15 what is no log is not cut, without hanging");
  empty_folder();
}

/* Initials of the calls, in their order. */
static int record (void *ud, const char *call) {
  char *p = ud;
  p[strlen(p)] = call[0];
  return 0;
}

static void test_order (void) {
  char calls[20] = "";
  mlpi_io_fault(rt, record, calls);
  mlp_Status status = save_pieces(in_folder("x"));
  mlpi_io_fault(rt, NULL, NULL);
  check(status == MLP_OK && strcmp(calls, "oowwfcrf") == 0,
        "#E05 the file is synced before its rename, the folder after it");
}

/* A process that saves the same path again and again. */
static pid_t start_saver (char letter) {
  pid_t child = fork();
  if (child != 0) return child;
  for (int i = 0; i < 100; i++)
    if (save_letter(in_folder("x"), letter) != 0) _exit(1);
  _exit(0);
}

/* All of one letter, and as long as it was written? */
static bool whole_letters (const char *path) {
  char *data;
  size_t n, same = 0;
  if (mlpi_read_file(rt, "t", path, 0, &data, &n) != MLP_OK) return false;
  while (same < n && data[same] == data[0]) same++;
  mlpi_free(rt, data, n + 1);
  return n == LETTERS && same == n;
}

static void test_two_savers (void) {
  bool ok = save_letter(in_folder("x"), 'c') == 0;
  int status_a, status_b;
  pid_t a = start_saver('a'), b = start_saver('b');
  for (int i = 0; i < 200; i++) ok &= whole_letters(in_folder("x"));
  waitpid(a, &status_a, 0);
  waitpid(b, &status_b, 0);
  check(ok && status_a == 0 && status_b == 0 && files_in_folder() == 1 &&
            whole_letters(in_folder("x")),
        "#D16 two processes that save one path leave one whole file");
}

static void test_short_writes (void) {
  char *huge = calloc(1, 1 << 20);
  const char *path = in_folder("x");
  put(path, old_text, sizeof old_text);
  bool ok = true;
  for (int k = -4; k < 0; k++) {
    plan_fault("write", 1, k);
    ok &= mlpi_write_file(rt, "save", path, huge, 1 << 20) == MLP_OK;
    ok &= holds(path, huge, 1 << 20);
  }
  plan_fault(NULL, 0, 0);
  check(ok, "a short write is continued where it stopped");
  free(huge);
}

static void make_link (const char *to, const char *name) {
  if (symlink(to, in_folder(name)) != 0) perror(name);
}

static bool refused (const char *path, const char *why) {
  mlp_Status status = save_pieces(path);
  return expect(status == MLP_EIO && says(why) && says("save: cannot write '"),
                why, status);
}

static void test_targets (void) {
  char name[300], *outside = getcwd(NULL, 0);
  struct stat st;
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  put(in_folder("readonly"), old_text, sizeof old_text);
  chmod(in_folder("readonly"), 0444);
  mkfifo(in_folder("fifo"), 0666);
  make_link("nowhere", "dangling");
  check(refused(in_folder("readonly"), "permission denied") &&
            holds(in_folder("readonly"), old_text, sizeof old_text),
        "#D15 a read-only file is refused and kept");
  put(in_folder("private"), old_text, sizeof old_text);
  chmod(in_folder("private"), 0600);
  check(save_pieces(in_folder("private")) == MLP_OK &&
            stat(in_folder("private"), &st) == 0 && (st.st_mode & 0777) == 0600,
        "a file that others may not read stays so");
  check(refused(in_folder("none/x"), "no such file or folder"),
        "#D15 a missing folder is named");
  check(refused(folder, "it is a folder"), "#D15 a folder stays a folder");
  check(refused(in_folder("fifo"), "not a regular file") &&
            refused("/dev/null", "not a regular file"),
        "#D15 a device stays a device");
  check(refused(in_folder("dangling"), "no such file or folder"),
        "#D15 a link to nowhere is refused");
  check(refused("", "no such file") && refused(in_folder("new/"), "folder") &&
            refused(in_folder(name), "the name is too long"),
        "#D15 an empty or too long name is refused");
  put(in_folder("target"), old_text, sizeof old_text);
  make_link("target", "link");
  mlp_Status status = save_pieces(in_folder("link"));
  lstat(in_folder("link"), &st);
  check(status == MLP_OK && S_ISLNK(st.st_mode) &&
            holds(in_folder("target"), new_text, sizeof new_text),
        "#D15 a link is followed and stays a link");
  mode_t mask = umask(027);
  status = save_pieces(in_folder("masked"));
  umask(mask);
  stat(in_folder("masked"), &st);
  check(status == MLP_OK && (st.st_mode & 0777) == 0640, "the umask applies");
  if (chdir(folder) != 0) exit(1);
  status = save_pieces("plain");
  check(status == MLP_OK && holds(in_folder("plain"), new_text, 32),
        "a plain name is in the current folder");
  if (chdir(outside) != 0) exit(1);
  free(outside);
  name[240] = '\0';
  check(save_pieces(in_folder(name)) == MLP_OK, "a name of 240 bytes is fine");
  empty_folder();
}

static void test_folders (void) {
  bool ok = mlpi_make_folder(rt, "t", in_folder("a/b//c/")) == MLP_OK &&
            mlpi_make_folder(rt, "t", in_folder("a/b/c")) == MLP_OK &&
            mlpi_make_folder(rt, "t", "/") == MLP_OK &&
            mlpi_make_folder(rt, "t", ".") == MLP_OK;
  check(ok, "folders are made with their parents");
  put(in_folder("a/file"), "", 0);
  check(mlpi_make_folder(rt, "t", in_folder("a/file/x")) == MLP_EIO &&
            says("not a folder") && mlpi_make_folder(rt, "t", "") == MLP_EIO,
        "a file in the way is named");
  plan_fault("mkdir", 1, ENOSPC);
  check(mlpi_make_folder(rt, "t", "/") == MLP_OK &&
            mlpi_make_folder(rt, "t", in_folder("full")) == MLP_OK,
        "a folder that is there needs no mkdir");
  plan_fault("mkdir", 3, ENOSPC);
  mlpi_make_folder(rt, "t", in_folder("a/x"));
  plan_fault(NULL, 0, 0);
  remove(in_folder("a/file"));
  remove(in_folder("a/b/c"));
  remove(in_folder("a/b"));
  remove(in_folder("a/x"));
  empty_folder();
}

static bool unreadable (const char *path, const char *why) {
  char *data;
  size_t n;
  mlp_Status status = mlpi_read_file(rt, "load", path, 10, &data, &n);
  return expect(status != MLP_OK && data == NULL && n == 0 && says(why) &&
                    says("load: cannot read '"),
                why, status);
}

/* A fault that changes the file instead of failing the call. */
static int change_file (void *ud, const char *call) {
  if (strcmp(call, "read") == 0)
    put(in_folder("x"), old_text, *(const size_t *)ud);
  return 0;
}

static void test_read (void) {
  char *data;
  size_t n, other;
  mkfifo(in_folder("fifo"), 0666);
  make_link("nowhere", "dangling");
  put(in_folder("eleven"), old_text, 11);
  put(in_folder("empty"), "", 0);
  check(unreadable(folder, "it is a folder") &&
            unreadable(in_folder("fifo"), "not a regular file") &&
            unreadable("/dev/zero", "not a regular file") &&
            unreadable(in_folder("dangling"), "no such file") &&
            unreadable(in_folder("eleven"), "more than the allowed 10 bytes"),
        "#D01 what is no file of fitting size is refused without hanging");
  check(mlpi_read_file(rt, "t", in_folder("empty"), 0, &data, &n) == MLP_OK &&
            n == 0 && data[0] == '\0',
        "#D01 an empty file is no bytes and a NUL");
  mlpi_free(rt, data, n + 1);
  for (other = 8; other <= 9; other++) {
    put(in_folder("x"), old_text, other == 8 ? 9 : 8);
    mlpi_io_fault(rt, change_file, &other);
    check(unreadable(in_folder("x"), "it changed while it was read"),
          "#D14 a file that changes while it is read is refused");
  }
  put(in_folder("x"), old_text, 10);
  bool ok = true;
  for (int k = 1; k <= 11; k++) {
    plan_fault("read", k, k % 2 ? EINTR : -1);
    ok &= mlpi_read_file(rt, "t", in_folder("x"), 0, &data, &n) == MLP_OK &&
          n == 10 && memcmp(data, old_text, 10) == 0;
    mlpi_free(rt, data, n + 1);
  }
  check(ok, "an interrupted or short read is continued");
  plan_fault("read", 1, EIO);
  check(unreadable(in_folder("x"), "input/output error"), "#E02 read EIO");
  plan_fault("fstat", 1, EIO);
  check(unreadable(in_folder("x"), "input/output error"), "#E02 fstat EIO");
  plan_fault("open", 1, EMFILE);
  check(unreadable(in_folder("x"), "too many open files"), "#E02 open EMFILE");
  plan_fault(NULL, 0, 0);
  rt->memory_limit = mlp_memory_used(rt) + 5;
  check(unreadable(in_folder("x"), "x': not enough memory"),
        "the memory limit counts what is read");
  rt->memory_limit = 0;
  empty_folder();
}

/* -- gzip, made by zlib ---------------------------------------------------- */

static size_t pack (const void *data, size_t n, char *to, size_t room) {
  z_stream z = { .next_in = (Bytef *)data, .avail_in = (uInt)n };
  z.next_out = (Bytef *)to;
  z.avail_out = (uInt)room;
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  deflate(&z, Z_FINISH);
  deflateEnd(&z);
  return room - z.avail_out;
}

enum { PLAIN = 60000 };
static char plain[PLAIN], packed[PLAIN + 1000];

static mlp_Status unpack (size_t n, size_t limit, bool *right) {
  char *data;
  size_t got;
  put(in_folder("z.gz"), packed, n);
  mlp_Status status =
      mlpi_read_gzip(rt, "load", in_folder("z.gz"), limit, &data, &got);
  *right = status == MLP_OK && got == PLAIN && memcmp(data, plain, got) == 0;
  if (status == MLP_OK)
    mlpi_free(rt, data, got + 1);
  else
    *right = data == NULL && got == 0;
  return status;
}

static mlp_Status unpack_again (void) {
  char *data;
  size_t n;
  mlp_Status status =
      mlpi_read_gzip(rt, "load", in_folder("z.gz"), 0, &data, &n);
  if (status == MLP_OK) mlpi_free(rt, data, n + 1);
  return status;
}

static void test_gzip (void) {
  bool right, ok = true;
  for (int i = 0; i < PLAIN; i++) plain[i] = (char)(i / 50 * 37);
  size_t n = pack(plain, PLAIN, packed, sizeof packed);
  check(unpack(n, 0, &right) == MLP_OK && right, "a gzip file is inflated");
  check(survives_no_memory(unpack_again), "#K06 gzip without memory");
  for (size_t cut = 2; cut < n; cut++)
    ok &= expect(unpack(cut, 0, &right) == MLP_EFORMAT && right &&
                     says("z.gz': its compressed data ends early"),
                 "cut", (long)cut);
  check(ok, "#D02 a gzip file cut off anywhere is refused");
  for (size_t i = 10; i < n; i++) { /* behind magic, flags, time and system */
    packed[i] ^= 0x10;
    unpack(n, 0, &right); /* right: refused, or a bit that nobody reads */
    ok &= expect(right, "flip", (long)i);
    packed[i] ^= 0x10;
  }
  check(ok, "#D03 a flipped bit in gzip data is found or harmless");
  check(unpack(n, PLAIN - 1, &right) == MLP_EFORMAT && right && says("59999"),
        "#D07 more than the limit is refused");
  check(unpack(n, PLAIN, &right) == MLP_OK && right, "the limit is allowed");
  packed[n] = 'x';
  check(unpack(n + 1, 0, &right) == MLP_EFORMAT && says("bytes follow"),
        "#D03 bytes behind gzip data are refused");
  size_t m = pack(plain, 25000, packed, sizeof packed);
  m += pack(plain + 25000, PLAIN - 25000, packed + m, sizeof packed - m);
  check(unpack(m, 0, &right) == MLP_OK && right, "members are joined");
  size_t zeros = (size_t)100 << 20;
  char *bomb = calloc(1, zeros), *small = malloc(1 << 20);
  put(in_folder("z.gz"), small, pack(bomb, zeros, small, 1 << 20));
  check(unpack_again() == MLP_EFORMAT && says("more than the allowed 67108864"),
        "#D07 a gzip bomb is refused");
  free(bomb);
  free(small);
  put(in_folder("z.gz"), plain, 0);
  check(unpack_again() == MLP_OK, "a plain file is taken as it is");
  empty_folder();
}

/* -------------------------------------------------------------------------- */

int main (int argc, char **argv) {
  if (mlp_create(NULL, &rt) != MLP_OK) return 1;
  if (argc == 4 && strcmp(argv[1], "save") == 0)
    return save_letter(argv[2], argv[3][0]);
  const char *tmp = getenv("TMPDIR");
  snprintf(folder, 200, "%.150s/mlprun-io-XXXXXX", tmp ? tmp : "/tmp");
  if (mkdtemp(folder) == NULL) {
    perror(folder);
    return 1;
  }
  test_write_faults();
  test_short_writes();
  test_append();
  test_cut();
  test_order();
  test_two_savers();
  empty_folder();
  test_targets();
  test_folders();
  test_read();
  test_gzip();
  test_texts();
  test_safetensors();
  empty_folder();
  rmdir(folder);
  check(mlp_memory_used(rt) == 0, "nothing has leaked");
  mlp_destroy(rt);
  printf("io: %d passed, %d failed", passed, failed);
  if (skipped > 0) printf(", %d skipped", skipped);
  printf("\n");
  return failed > 0;
}
