# mlprun - type 'make help' for the targets.

PREFIX  ?= /usr/local
BUILD   ?= build
LUA     ?= lua5.4
LUA_PC  ?= lua5.4
OPT     ?= -O2 -g
FONT    ?= /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
SAN      =
MAKEFLAGS += --no-builtin-rules --jobs=$(shell nproc)

# -- nothing below needs editing ----------------------------------------------

Q       := $(if $(V),,@)
say      = @printf '  %-6s %s\n' $(1) $(2)
GEN     := $(BUILD)/gen
PACKAGES := gcc g++ make pkg-config lua5.4 liblua5.4-dev libopenblas-dev libpng-dev \
            zlib1g-dev libcairo2-dev libfreetype-dev fonts-dejavu-core \
            libsqlite3-dev libjansson-dev lua-busted

# The packages are looked for once, before anything is compiled.
LIBRARIES := $(LUA_PC) libpng zlib cairo freetype2 jansson sqlite3
ifeq ($(filter clean help deps,$(MAKECMDGOALS)),)
ifneq ($(shell pkg-config --exists $(LIBRARIES) openblas 2>/dev/null && \
         command -v $(LUA) $(firstword $(CC)) >/dev/null && test -f $(FONT) && echo yes),yes)
$(info Something that mlprun is built from is missing. On Debian 12, as root, this installs it:)
$(info )
$(info apt-get install -y $(strip $(PACKAGES)))
$(info )
$(error packages are missing)
endif
endif

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wvla
HARDEN  := $(if $(SAN),,-fstack-protector-strong -D_FORTIFY_SOURCE=2)
CFLAGS  := $(CFLAGS) -std=c11 $(WARN) -fPIC -fvisibility=hidden -ffp-contract=off \
           -fno-math-errno $(HARDEN) $(OPT) $(SAN) -D_POSIX_C_SOURCE=200809L \
           -Iruntime -I$(GEN) $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LUA_A   := $(shell $(CC) -print-file-name=lib$(LUA_PC).a)
LUALIB  := $(shell pkg-config --libs $(LUA_PC) 2>/dev/null)
LIBS    := $(shell pkg-config --libs cairo freetype2 libpng zlib jansson sqlite3 2>/dev/null) \
           -lpthread -ldl -lm
LDFLAGS += -Wl,-z,relro,-z,now

# Arithmetic is compiled once per instruction set and real type: see
# runtime/tensor/variant.h. Fast, but with every rounding as written.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
ISAS    := baseline $(if $(findstring x86_64,$(MACHINE)),v3 v4)
VARIANTS := $(foreach i,$(ISAS),$i_f32 $i_f64)
CFLAGS  += -DMLPI_BUILT=$(words $(ISAS))
FAST    := $(if $(SAN),-O1,-O3) -fno-trapping-math
march_baseline :=
march_v3 := -march=x86-64-v3
march_v4 := -march=x86-64-v4 -mprefer-vector-width=512
VFOLDERS := op activation metric constraint optimizer

INTO     = $(DESTDIR)$(PREFIX)
VERSION := $(shell sed -n 's/^.define MLP_VERSION *"\(.*\)"/\1/p' runtime/mlprun.h)
CTEXT    = $(SRC) $(HEADERS) $(wildcard tests/*.[ch] tests/embed/*.[ch] tests/embed/*.cc tests/bench/*.c)
SRC     := $(wildcard runtime/*/*.c runtime/data/dataset/*.c runtime/tensor/kernel/*.c)
HEADERS := $(wildcard runtime/*.h runtime/*/*.h runtime/*/*/*.h)
VSRC    := $(wildcard runtime/tensor/kernel/*.c) \
           $(foreach f,$(VFOLDERS),$(filter-out runtime/$f/$f.c,$(wildcard runtime/$f/*.c)))
PLAIN   := $(filter-out $(VSRC) runtime/bind/% runtime/host/% runtime/tools/%,$(SRC))
obj      = $(patsubst runtime/%.c,$(BUILD)/obj/%.o,$(1))
VOBJ    := $(foreach v,$(VARIANTS),$(patsubst runtime/%.c,$(BUILD)/$v/%.o,$(VSRC)))
ENGINE  := $(call obj,$(PLAIN)) $(VOBJ) $(GEN)/registry.o $(GEN)/font.o
BINDSRC := $(sort $(wildcard runtime/bind/*.c))
BIND    := $(call obj,$(BINDSRC)) $(GEN)/embedded.o $(GEN)/openers.o $(GEN)/texts.o
HOST    := $(call obj,$(filter-out runtime/host/embed%,$(wildcard runtime/host/*.c)))
EMBED   := $(call obj,$(wildcard runtime/host/embed*.c) runtime/host/chunk.c)
LUASRC  := $(sort $(shell find lua -name '*.lua'))
EXPERIMENTS := $(sort $(wildcard experiments/*.lua))
LISTED   = $(KINDS) $(LUASRC) $(EXPERIMENTS) $(BINDSRC) $(ISAS)
KINDS   := $(sort $(wildcard $(foreach f,$(VFOLDERS) initializer regularizer schedule \
             loss layer data/dataset,runtime/$f/*.c)))

ARTIFACTS := $(addprefix $(BUILD)/,mlprun libmlprun.a libmlprun.so mlp/core.so)
all: $(ARTIFACTS)  ## build program, libraries, module

$(BUILD)/obj/%.o: runtime/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The samplers' arithmetic: no kernels, but loops all the same.
$(BUILD)/obj/study/%.o: CFLAGS += $(FAST) -fno-math-errno

# Passes over arrays that do not depend on the instruction set.
$(BUILD)/obj/tensor/stats.o $(BUILD)/obj/tensor/abreast.o: private CFLAGS += $(FAST)

# build/v3_f32/op/add.o: the descriptor mlp_op_add becomes mlp_op_add_v3_f32.
define variant_rule
$(BUILD)/$(1)/%.o: runtime/%.c
	$$(call say,CC,"$$< $(1)")
	$(Q)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(FAST) $(march_$(firstword $(subst _, ,$(1)))) \
	  -DMLPI_ISA=$(firstword $(subst _, ,$(1))) -DMLPI_BITS=$(if $(findstring f32,$(1)),32,64) \
	  $$(if $$(filter tensor/%,$$*),,-Dmlp_$$(subst /,_,$$*)=mlp_$$(subst /,_,$$*)_$(1)) \
	  -MMD -MP -c -o $$@ $$<
endef
$(foreach v,$(VARIANTS),$(eval $(call variant_rule,$v)))

# The C test and benchmark of tensor/kernel see every variant's kernels.
define variant_test_rule
$(BUILD)/tests/kernels_$(1).o: tests/kernels_variant.c
	$(Q)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(FAST) $(march_$(firstword $(subst _, ,$(1)))) \
	  -DMLPI_ISA=$(firstword $(subst _, ,$(1))) -DMLPI_BITS=$(if $(findstring f32,$(1)),32,64) \
	  -Itests -MMD -MP -c -o $$@ $$<
endef
$(foreach v,$(VARIANTS),$(eval $(call variant_test_rule,$v)))
KERNELS := $(VARIANTS:%=$(BUILD)/tests/kernels_%.o) $(filter %/kernel/abreast.o %/kernel/gemm.o %/kernel/reduce.o,$(VOBJ)) \
           $(call obj,runtime/base/runtime.c runtime/base/memory.c runtime/base/pool.c)

$(BUILD)/tests/test_f32.o $(BUILD)/tests/test_f64.o: $(BUILD)/tests/test_f%.o: tests/kernels_test.c
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -Itests -DMLPI_ISA=baseline -DMLPI_BITS=$* -MMD -MP -c -o $@ $<
$(BUILD)/tests/kernels_test: $(BUILD)/tests/test_f32.o $(BUILD)/tests/test_f64.o $(KERNELS)
	$(call say,LD,$@)
	$(Q)$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/bench_kernels: tests/bench/kernels.c tests/kernels_variant.h $(KERNELS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Itests $(LDFLAGS) -o $@ $< $(KERNELS) $(LIBS)

$(GEN)/embedded.o $(GEN)/texts.o: runtime/bind/embedded.h
$(GEN)/%.o: $(GEN)/%.c
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<
$(GEN)/list: FORCE  # changes when a file comes or goes
	@mkdir -p $(@D) && echo "$(LISTED)" | cmp -s - $@ || echo "$(LISTED)" > $@
$(GEN)/registry.c: $(GEN)/list runtime/tools/registry.lua
	$(call say,GEN,$@)
	$(Q)$(LUA) runtime/tools/registry.lua "$(ISAS)" "$(VFOLDERS)" $(KINDS) > $@
$(GEN)/openers.c: $(BINDSRC) $(GEN)/list runtime/tools/openers.lua
	$(call say,GEN,$@)
	$(Q)$(LUA) runtime/tools/openers.lua $(BINDSRC) > $@
$(GEN)/embedded.c: $(LUASRC) $(EXPERIMENTS) $(GEN)/list runtime/tools/embed.lua
	$(call say,GEN,$@)
	$(Q)$(LUA) runtime/tools/embed.lua lua $(LUASRC) $(EXPERIMENTS) > $@
$(GEN)/texts.c: $(wildcard runtime/tensor/kernel/v*.h) runtime/tools/text.lua
	$(Q)mkdir -p $(@D) && $(LUA) runtime/tools/text.lua $(filter %.h,$^) > $@
$(GEN)/font.c: $(FONT) runtime/tools/font.lua
	$(Q)mkdir -p $(@D) && $(LUA) runtime/tools/font.lua $(FONT) > $@

# All of it, hidden names included: for the program and the tests.
$(BUILD)/engine.a: $(ENGINE) $(BIND) $(EMBED)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Hosts get one object with a copy of Lua inside, which has no standard streams
# (see runtime/host/embed_state.c); only the names of mlprun.h can be seen.
$(BUILD)/lua.a: $(LUA_A)
	$(Q)mkdir -p $(@D) && objcopy $(foreach s,stdin stdout stderr,--redefine-sym $s=mlpi_$s) $< $@
$(BUILD)/libmlprun.o: $(ENGINE) $(BIND) $(EMBED) $(BUILD)/lua.a
	$(Q)$(CC) -r -nostdlib -o $@ $^ && objcopy -w --localize-hidden --localize-symbol='lua*' $@
$(BUILD)/libmlprun.a: $(BUILD)/libmlprun.o
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libmlprun.so: $(BUILD)/libmlprun.o runtime/host/libmlprun.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(SAN) $(LDFLAGS) -Wl,-soname,libmlprun.so.1 \
	  -Wl,--version-script,runtime/host/libmlprun.map -o $@ $< $(LIBS)
	$(Q)ln -sf libmlprun.so $@.1
$(BUILD)/mlp/core.so: $(ENGINE) $(BIND) runtime/bind/core.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -shared $(SAN) $(LDFLAGS) \
	  -Wl,--version-script,runtime/bind/core.map -o $@ $(filter %.o,$^) $(LIBS)
# At a fixed address: 22,000 pointers in tables need no relocation, 4 ms of 9 at each start.
$(BUILD)/mlprun: $(HOST) $(BUILD)/engine.a
	$(call say,LD,$@)
	$(Q)$(CC) $(SAN) $(LDFLAGS) $(if $(SAN),,-no-pie) -Wl,-E -o $@ $^ $(LUALIB) $(LIBS)

# Each tests/x_test.c is a program that ends with "x: N passed, N failed".
CTESTS  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/*_test.c))
SHOOT   := sh tests/kill_save.sh $(BUILD)/tests/io_test save;sh tests/kill_save.sh $(BUILD)/mlprun tests/kill_save.lua
KILLED   = sh tests/kill_fit.sh $(BUILD)/mlprun
TESTED   = all $(CTESTS) $(BUILD)/tests/pty $(HOSTS)

$(BUILD)/tests/%_test: tests/%_test.c $(BUILD)/engine.a
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	  $(filter %.c,$^) $(BUILD)/engine.a $(LUALIB) $(LIBS)
$(BUILD)/tests/io_test: tests/io_safetensors.c tests/io_text.c
$(BUILD)/tests/op_test $(BUILD)/tests/abreast_test: tests/op_samples.c
$(BUILD)/tests/pty: tests/pty.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -o $@ $<

# Hosts know the public header and nothing else: strict C99, strict C++.
PUBLIC   = -Iruntime -Itests/embed -pedantic -Wall -Wextra -Werror -O1 -g $(SAN)
HOSTS   := $(patsubst tests/embed/%.c,$(BUILD)/tests/embed_%,$(wildcard tests/embed/*.c)) \
           $(addprefix $(BUILD)/tests/embed_,host_shared cc cc_shared)
SHARED   = -L$(BUILD) -lmlprun -Wl,-rpath,$(abspath $(BUILD))
$(HOSTS): tests/embed/check.h runtime/mlprun.h $(BUILD)/libmlprun.a $(BUILD)/libmlprun.so
$(BUILD)/tests/embed_%: tests/embed/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -std=c99 -D_POSIX_C_SOURCE=200809L $(PUBLIC) -o $@ $< \
	  $(BUILD)/libmlprun.a $(LIBS)
$(BUILD)/tests/embed_plugin: private PUBLIC += $(shell pkg-config --cflags $(LUA_PC))
$(BUILD)/tests/embed_plugin: private LIBS += $(LUALIB)
$(BUILD)/tests/embed_host_shared: tests/embed/host.c
	$(Q)$(CC) -std=c99 -D_POSIX_C_SOURCE=200809L $(PUBLIC) -o $@ $< $(SHARED) -lpthread
$(BUILD)/tests/embed_cc: tests/embed/host.cc
	$(Q)$(CXX) -std=c++11 $(PUBLIC) -o $@ $< $(BUILD)/libmlprun.a $(LIBS)
$(BUILD)/tests/embed_cc_shared: tests/embed/host.cc
	$(Q)$(CXX) -std=c++11 $(PUBLIC) -o $@ $< $(SHARED)
$(BUILD)/tests/bench_limit: tests/bench/limit.c tests/kernels_variant.h $(KERNELS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Itests $(LDFLAGS) -o $@ $< $(KERNELS) $(LIBS)
$(BUILD)/tests/bench_embed: tests/bench/embed.c $(BUILD)/engine.a $(BUILD)/lua.a
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -o $@ $< $(BUILD)/engine.a $(BUILD)/lua.a $(LIBS)

# Programs and scripts that end with "name: N passed, N failed".
HOSTED   = $(HOSTS:%=%;)$(foreach s,symbols install same module,sh tests/embed/$s.sh $(BUILD);)
embed: all $(HOSTS)                      ## test the library inside C and C++ hosts
	$(Q)set -e; $(HOSTED)

# The specs in stock Lua, over build/mlp/core.so.
MODULE   = LUA_PATH="lua/?.lua;lua/?/init.lua;;" LUA_CPATH="$(BUILD)/?.so;;" $(LUA)
test-module: $(BUILD)/mlp/core.so        ## run every spec in stock Lua
	$(Q)$(MODULE) tests/run.lua

tsan:                                    ## runtimes in threads, under ThreadSanitizer
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/tsan OPT="-O1 -g" SAN="-fsanitize=thread" \
	  $(BUILD)/tsan/tests/embed_threads
	$(Q)$(BUILD)/tsan/tests/embed_threads

bench-plots: $(BUILD)/mlprun              ## what drawing costs, against the limits
	$(Q)$(BUILD)/mlprun tests/bench/plots.lua

plot-references: $(BUILD)/mlprun          ## every chart's reference; SHOW=folder writes the pictures
	$(Q)$(BUILD)/mlprun tests/golden/plots.lua $(SHOW) > $(BUILD)/plots.txt
	$(Q)mv $(BUILD)/plots.txt tests/golden/plots.txt

gallery: $(BUILD)/mlprun                  ## docs/gallery: every figure, drawn by its script
	$(Q)$(BUILD)/mlprun runtime/tools/gallery.lua $(BUILD)/mlprun docs/gallery
	$(Q)mkdir -p docs/gallery/lecture && GALLERY_DPI=48 $(BUILD)/mlprun runtime/tools/gallery.lua \
	  $(BUILD)/mlprun docs/gallery/lecture $(filter-out %/first.lua %/mnist.lua %/moons.lua,$(EXPERIMENTS))

demo: $(BUILD)/mlprun                    ## build, train experiments/moons.lua, draw two PNGs
	$(BUILD)/mlprun experiments/moons.lua

deps:                                    ## the line that installs what is needed
	@echo apt-get install -y $(strip $(PACKAGES))

ready:  # succeeds where nothing is missing

test: all tested                         ## run every test: in mlprun, in stock Lua, in C hosts

tested: $(TESTED)
	$(Q)MLPRUN_BUILD=$(BUILD) MLPRUN_CTESTS="$(CTESTS:%=%;)$(HOSTED)$(SHOOT);$(KILLED) 3" \
	  MLPRUN_VERDICTS=$(BUILD)/verdicts.lua $(BUILD)/mlprun tests/run.lua

why: $(BUILD)/mlprun                     ## does model:why() name the causes of failures, and of healthy runs none?
	$(Q)$(BUILD)/mlprun tests/why/run.lua cases
	$(Q)$(BUILD)/mlprun tests/why/run.lua real
	$(Q)$(BUILD)/mlprun tests/why/run.lua more
	$(Q)$(BUILD)/mlprun tests/why/run.lua further

lecture: $(BUILD)/mlprun                 ## measure every claim of the lecture's scripts
	$(Q)$(BUILD)/mlprun lecture --check

test-v4: $(BUILD)/mlprun $(BUILD)/tests/abreast_test  ## the bits of AVX-512, on an emulated processor (minutes)
	$(Q)sh tests/emulate.sh $(BUILD) \
	  "$(BUILD)/mlprun tests/run.lua --filter='instruction set' tests/bits_spec.lua && \
	   $(BUILD)/tests/abreast_test v4 dense softmax_cross_entropy sum mul dropout tanh softmax"

test-neon: $(BUILD)/tests/kernels_test   ## the bits of 64-bit ARM's kernels, on qemu (minutes)
	$(Q)sh tests/neon.sh $(BUILD)

kill-test: $(BUILD)/tests/io_test $(BUILD)/mlprun  ## kill a save at every system call, a fit at 20 moments
	$(Q)$(subst ;, && ,$(SHOOT)) && $(KILLED) 20

soak: $(BUILD)/mlprun                     ## 10,000 models that come and go: the memory that stays
	$(Q)$(BUILD)/mlprun tests/soak.lua

random-models: $(BUILD)/mlprun           ## CASES drawn models, each trained in many ways to the same bits
	$(Q)sh tests/random_models.sh $(BUILD)/mlprun $(or $(CASES),1000)

PYTHON  ?= python3
TABLES  ?= ../shared/data/tables
SEEDS   ?= 1-20
kill-study: $(BUILD)/mlprun              ## kill -9 searches at random moments, again and again
	$(Q)sh tests/kill_study.sh $(BUILD)/mlprun
shared-study: $(BUILD)/mlprun            ## a study file in Optuna and its dashboard (PYTHON)
	$(Q)rm -f $(BUILD)/shared.db && $(PYTHON) tests/study_shared.py $(BUILD)/shared.db $(BUILD)/mlprun
bench-study: $(BUILD)/mlprun             ## samplers on test functions; Optuna's with PYTHON, iris and digits from TABLES
	$(Q)mkdir -p $(BUILD)/bench && $(BUILD)/mlprun tests/bench/objectives.lua $(TABLES) $(BUILD)/bench
	$(Q)for s in bayesian tpe random; do $(BUILD)/mlprun tests/bench/samplers.lua $$s $(SEEDS) all $(BUILD)/bench; done
	$(Q)for s in gp tpe; do $(PYTHON) tests/bench/samplers.py $$s $(SEEDS) all $(BUILD)/bench; done

bench-jobs: $(BUILD)/mlprun               ## trials a second of one process and of two, and their tables
	$(Q)$(BUILD)/mlprun tests/bench/jobs.lua

test-plugin: $(BUILD)/mlprun              ## one new file adds one thing: in a copy of the tree
	$(Q)BUILD="$(BUILD)" MAKE="$(MAKE)" CC="$(CC)" ISAS="$(ISAS)" sh tests/plugin.sh

PEERS   ?= $(HOME)/.cache/mlprun-peers
bench: all $(BUILD)/tests/bench_limit    ## all workloads, beside their limit and the peers that are installed
	$(Q)PEERS=$(PEERS)/bin/python $(BUILD)/mlprun tests/bench/bench.lua $(BUILD)/mlprun $(BUILD)

SCRATCH ?= $(BUILD)
bench-scale: $(BUILD)/mlprun              ## docs/scale.md: 10 million rows, 100 million weights (SCRATCH: room for 840 MB)
	$(Q)$(BUILD)/mlprun tests/bench/scale.lua $(BUILD)/mlprun $(SCRATCH) docs/scale.md

bench-peers:                             ## install the peers into PEERS (outside the tree)
	$(Q)python3 -m venv $(PEERS)
	$(Q)$(PEERS)/bin/pip install -q scikit-learn keras "jax[cpu]" torch

bench-parts: all $(BUILD)/tests/bench_kernels $(BUILD)/tests/bench_embed  ## single kernels against OpenBLAS; embedding; many nets at once
	$(Q)OPENBLAS_NUM_THREADS=1 $(BUILD)/tests/bench_kernels
	$(Q)$(BUILD)/tests/bench_embed
	$(Q)$(BUILD)/mlprun tests/bench/fit_many.lua

# Inputs that found something stay in tests/fuzz/seeds.
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
SECONDS ?= 60
$(BUILD)/fuzz/%: tests/fuzz/%.c FORCE
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang OPT="-O1 -g" \
	  SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
	  $(BUILD)/fuzz/engine.a
	$(Q)clang $(CFLAGS) -Itests/fuzz -O1 -fsanitize=fuzzer,address,undefined -o $@ $< \
	  $(BUILD)/fuzz/engine.a $(LUALIB) $(LIBS)
fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZERS))  ## throw SECONDS of garbage at each loader (clang)
	$(Q)for f in $(FUZZERS); do mkdir -p $(BUILD)/fuzz/found/$$f && \
	  $(BUILD)/fuzz/$$f -max_total_time=$(SECONDS) -rss_limit_mb=512 -timeout=1 \
	  -artifact_prefix=$(BUILD)/fuzz/ -dict=tests/fuzz/$$f.dict -max_len=4000 \
	  $(BUILD)/fuzz/found/$$f tests/fuzz/seeds/$$f || exit 1; done

asan:                                    ## the tests again, watching memory and overflow
	$(Q)ASAN_OPTIONS=detect_leaks=1 $(MAKE) --no-print-directory BUILD=$(BUILD)/asan OPT="-O1 -g" \
	  SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" tested

lint:                                    ## levels, formatting, luacheck
	$(Q)$(LUA) runtime/tools/levels.lua
	$(Q)clang-format --dry-run -Werror $(CTEXT)
	$(Q)luacheck -q lua tests runtime/tools experiments docs/gallery

format:                                  ## rewrite C files to the house style
	$(Q)clang-format -i $(CTEXT)

check:                                   ## what must be green before a commit: lint, test, asan
	$(Q)$(MAKE) lint && $(MAKE) test && $(MAKE) asan

rows: $(BUILD)/mlprun                    ## rows of the specification, their tests, verdicts
	$(Q)$(BUILD)/mlprun tests/rows.lua $(BUILD)/verdicts.lua \
	  $(wildcard tests/*.c tests/embed/*.c) $(EXPERIMENTS)

docs: $(BUILD)/mlprun                    ## the manual and an editor's stubs, in BUILD/docs
	$(Q)$(BUILD)/mlprun runtime/tools/manual.lua $(BUILD)/docs

install: all                             ## copy to $(DESTDIR)$(PREFIX)
	$(Q)install -D $(BUILD)/mlprun $(INTO)/bin/mlprun
	$(Q)install -D -m 644 runtime/mlprun.h $(INTO)/include/mlprun.h
	$(Q)install -D -m 644 $(BUILD)/libmlprun.a $(INTO)/lib/libmlprun.a
	$(Q)install -D $(BUILD)/libmlprun.so $(INTO)/lib/libmlprun.so.1
	$(Q)ln -sf libmlprun.so.1 $(INTO)/lib/libmlprun.so
	$(Q)mkdir -p $(INTO)/lib/pkgconfig && sed -e 's|@PREFIX@|$(PREFIX)|' \
	  -e 's|@LIBRARIES@|$(filter-out $(LUA_PC),$(LIBRARIES))|' \
	  -e 's|@VERSION@|$(VERSION)|' runtime/host/mlprun.pc.in > $(INTO)/lib/pkgconfig/mlprun.pc
	$(Q)install -D $(BUILD)/mlp/core.so $(INTO)/lib/lua/5.4/mlp/core.so
	$(Q)for f in $(LUASRC); do install -D -m 644 $$f $(INTO)/share/lua/5.4/$${f#lua/}; done

clean:                                   ## remove what was built
	rm -rf $(BUILD)

help:                                    ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
FORCE:
.PHONY: kill-study shared-study bench-study bench-scale test-neon bench-jobs
.PHONY: all bench-plots plot-references gallery demo why lecture deps test tested kill-test soak random-models test-plugin embed test-module tsan bench bench-peers bench-parts fuzz asan lint format check rows docs install ready clean help FORCE
