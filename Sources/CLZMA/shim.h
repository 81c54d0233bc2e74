/* liblzma's own header, as Debian's liblzma-dev installs it: the only door to xz and lzma in this package. */
#include <lzma.h>
