# Thin: Meson builds, this file only remembers how. `make run` and `make test` work on a fresh Debian 12.
.DEFAULT_GOAL := build
.PHONY: build run test bench fuzz lint install install-deps clean

build: install-deps build/release/build.ninja
	@ninja -C build/release --quiet
	@ln -sf release/src/postern build/postern

run: build
	@tools/demo build/postern

test: install-test-deps build/test/build.ninja
	@ninja -C build/test --quiet
	@tests/run build/test

bench: install-test-deps build/bench/build.ninja
	@ninja -C build/bench --quiet
	@tests/bench/run build/bench
	@tests/bench/serve.py build/bench
	@tests/bench/gate.py build/bench
	@tests/bench/dns_zone.py build/bench

# Seconds a target: make fuzz FUZZ_SECONDS=600
FUZZ_SECONDS ?= 120
fuzz: install-test-deps build/fuzz/build.ninja
	@ninja -C build/fuzz --quiet
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS)

lint: install-test-deps build/test/build.ninja
	@tools/lint

install: build
	@meson install -C build/release --no-rebuild --quiet

install-deps:
	@tools/install-deps build

.PHONY: install-test-deps
install-test-deps:
	@tools/install-deps build test

build/release/build.ninja:
	@meson setup build/release --buildtype=release -Db_lto=true >/dev/null

build/test/build.ninja:
	@meson setup build/test -Dtests=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

build/bench/build.ninja:
	@meson setup build/bench --buildtype=release -Db_lto=true -Dbench=true >/dev/null

build/fuzz/build.ninja:
	@CC=clang-14 meson setup build/fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

clean:
	@rm -rf build
