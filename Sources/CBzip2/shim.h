/* bzip2's own header, as Debian's libbz2-dev installs it: the only door to bzip2 in this package. */
#include <bzlib.h>
