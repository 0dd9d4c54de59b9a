set nocompatible number ruler showcmd incsearch
syntax on
